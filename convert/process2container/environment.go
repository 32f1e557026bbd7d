package process2container

import (
	"strings"

	"github.com/deploylift/lift/convert"
	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/ledger"
)

// secretNames chooses, for each secret of each workload, the name under which it is supplied: the variable's own where all workloads that have it agree on its value, else with the
// workload's name before it. Keys are "workload\x00variable".
func (s *step) secretNames() map[string]string {
	type holder struct {
		workload string
		value    deploy.Value
	}
	byName := map[string][]holder{}
	for _, w := range s.app.Workloads {
		for _, e := range w.Env {
			if _, known := e.Value.Reveal(); known && e.Value.IsSecret() {
				byName[e.Name] = append(byName[e.Name], holder{w.Name, e.Value})
			}
		}
	}
	out := map[string]string{}
	for name, hs := range byName {
		same := true
		for _, h := range hs {
			same = same && h.value.Equal(hs[0].value)
		}
		for _, h := range hs {
			param := name
			if !same {
				param = strings.ToUpper(strings.ReplaceAll(h.workload, "-", "_")) + "_" + name
			}
			out[h.workload+"\x00"+name] = param
		}
	}
	return out
}

// environment takes secrets out of the configuration: they are supplied under a name from a file that is not committed.
func (o one) environment(params map[string]string) {
	for i := range o.w.Env {
		e := &o.w.Env[i]
		from, to := o.from.Join("env", e.Name, "value"), o.to.Join("env", e.Name, "value")
		if param, ok := params[o.w.Name+"\x00"+e.Name]; ok {
			e.Value = deploy.Param(param, true)
			o.l.Convert(from, "a secret: compose takes it from the variable "+param+" of .env, which is not committed", to)
			if !o.told[param] {
				o.told[param] = true
				o.here(ledger.Info, from, "secret "+param+" must be supplied", "put "+param+"=… into .env beside compose.yaml, mode 0600, and never commit that file; "+convert.Runbook+" has the command")
			}
			continue
		}
		if p := e.Value.Param(); p != "" {
			o.here(ledger.Warning, from, "only the machine knows the value of "+e.Name, "put "+p+"=… into .env beside compose.yaml")
		}
	}
}
