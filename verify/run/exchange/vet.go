package exchange

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/internal/nearest"
)

// Vet holds a file against the system that it is about, as the original has it: workloads, ports, routes and variables that are not there. values are what people supply.
func Vet(f File, app deploy.App, values map[string]string) []Fault {
	v := vetter{file: f, app: app, env: environment{app: app, called: func(n string) string { return n }, given: values}}
	for _, w := range app.Workloads {
		v.names = append(v.names, w.Name)
	}
	for _, h := range f.Defaults.Headers {
		v.values(f.Defaults.Line, h.Value)
	}
	v.values(f.Defaults.Line, f.Defaults.User)
	for _, it := range f.Items {
		v.item(it)
	}
	return v.faults
}

type vetter struct {
	file   File
	app    deploy.App
	env    environment
	names  []string
	faults []Fault
}

func (v *vetter) fault(line int, what, remedy string) {
	v.faults = append(v.faults, Fault{File: v.file.Name, Line: line, What: what, Remedy: remedy})
}

func (v *vetter) item(it Item) {
	a := it.Request.Address
	switch {
	case it.Do != "":
		if w := v.workload(it.Line, it.Workload); w != nil {
			once := w.Kind.Is(deploy.Job) || w.Kind.Is(deploy.Cron)
			if once != (it.Do == RunOnce) {
				what, remedy := w.Name+" is a "+w.Kind.String()+", and "+string(it.Do)+" is for what runs on", "use run"
				if !once {
					what, remedy = w.Name+" runs on, and run is for jobs and schedules", "use restart"
				}
				v.fault(it.Line, what, remedy)
			}
		}
	case a.Way == Outside:
		side := Side{App: v.app, Routes: v.app.Routes}
		if _, ok := side.door(a.Scheme, a.Host, a.Path); !ok {
			var known []string
			for _, r := range v.app.Routes {
				if t, ok := deploy.ParseTarget(r.Match); ok && !r.Via.IsSet() {
					known = append(known, t.Scheme+"://"+t.Host)
				}
			}
			remedy := "the system has no route from outside; ask WORKLOAD:PORT"
			if len(known) > 0 {
				remedy = "there is " + strings.Join(known, ", ")
			}
			v.fault(it.Line, "no route of the system leads to "+a.Scheme+"://"+a.Host, remedy)
		}
	default:
		if w := v.workload(it.Line, a.Workload); w != nil {
			v.port(it.Line, *w, a.Port)
		}
	}
	r := it.Request
	v.values(it.Line, a.Path, r.User)
	for _, h := range r.Headers {
		v.values(it.Line, h.Value)
	}
	if r.Body != nil {
		v.values(it.Line, r.Body.Text)
		for _, f := range r.Body.Fields {
			v.values(it.Line, f.Value)
		}
	}
	for _, h := range it.Expect.Headers {
		v.values(it.Line, h.Value)
	}
	for _, w := range append(it.Expect.Body, it.Expect.Output...) {
		v.values(it.Line, w.Text)
	}
}

func (v *vetter) workload(line int, name string) *deploy.Workload {
	for i, w := range v.app.Workloads {
		if w.Name == name {
			return &v.app.Workloads[i]
		}
	}
	remedy := "it has " + strings.Join(v.names, ", ")
	if n := nearest.Name(name, v.names); n != "" {
		remedy = "did you mean " + n + "?"
	}
	v.fault(line, "the system has no workload "+name, remedy)
	return nil
}

func (v *vetter) port(line int, w deploy.Workload, port int) {
	var known []string
	for _, p := range w.Ports {
		number, protocol, _ := strings.Cut(p.Number, "/")
		if n, err := strconv.Atoi(number); err == nil && n == port && protocol == "tcp" {
			return
		}
		known = append(known, p.Number)
	}
	remedy := "it listens on " + strings.Join(known, ", ")
	if len(known) == 0 {
		remedy = "no port of it is known"
	}
	v.fault(line, fmt.Sprintf("%s does not listen on %d", w.Name, port), remedy)
}

// values checks that the environment variables of some texts are known.
func (v *vetter) values(line int, texts ...string) {
	for _, t := range texts {
		refs, _ := references(t)
		for _, r := range refs {
			workload, name, ok := r.environment()
			if !ok {
				continue
			}
			if _, _, err := v.env.value(workload, name); err != nil {
				v.fault(line, "${"+string(r)+"}: "+err.Error(), "supply it, or name a variable of the workloads")
			}
		}
	}
}
