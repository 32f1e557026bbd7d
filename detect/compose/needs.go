package compose

import (
	"strconv"
	"strings"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/detect/internal/yamldoc"
)

var conditions = map[string]deploy.Condition{
	"service_started": deploy.Started, "service_healthy": deploy.Ready, "service_completed_successfully": deploy.Completed,
}

func (s *svc) need(name string) (*deploy.Need, deploy.Path) {
	at := s.at.Join("needs", name)
	for i := range s.w.Needs {
		if s.w.Needs[i].Workload == name {
			return &s.w.Needs[i], at
		}
	}
	s.w.Needs = append(s.w.Needs, deploy.Need{Workload: name})
	return &s.w.Needs[len(s.w.Needs)-1], at
}

// known reports whether there is a service of this name.
func (s *svc) known(n yamldoc.Node, name string) bool {
	if !s.services[name] {
		s.bad(n, wrongf("name one of the file's services", "there is no service %q", name))
	}
	return s.services[name]
}

func (s *svc) dependsOn(n yamldoc.Node) {
	s.rec.Place(s.at.Join("needs"), n.KeyPos())
	if !n.IsMap() {
		s.list(n, func(c yamldoc.Node, name string) {
			if !s.known(c, name) {
				return
			}
			d, at := s.need(name)
			d.Condition = deploy.Some(deploy.Started)
			s.give(c, at.Join("condition"))
			s.settleNeed(d, at)
		})
		return
	}
	for _, e := range n.Entries() {
		if !e.Value.IsMap() {
			s.bad(e.Value, wrongf("write {condition: service_started}", "a dependency is a mapping"))
			continue
		}
		if !s.services[e.Key] {
			if v, w := truth(e.Value.Get("required").Str()); w == nil && !v {
				s.drop(e.Value, "there is no service "+strconv.Quote(e.Key)+", and it is not required", "")
			} else {
				s.bad(e.Value, wrongf("name one of the file's services", "there is no service %q", e.Key))
			}
			continue
		}
		if !e.Value.Get("condition").Exists() { // compose-spec.json: it alone is required
			s.bad(e.Value, wrongf("write condition: service_started", "a dependency needs a condition"))
			continue
		}
		d, at := s.need(e.Key)
		for _, o := range e.Value.Entries() {
			switch o.Key {
			case "condition":
				t, ok := s.text(o.Value)
				if !ok {
					continue
				}
				c, ok := conditions[t]
				if !ok {
					s.bad(o.Value, wrongf("use service_started, service_healthy or service_completed_successfully", "unknown condition %q", t))
					continue
				}
				d.Condition = deploy.Some(c)
				s.give(o.Value, at.Join("condition"))
			case "required":
				if v, ok := s.truth(o.Value); ok {
					d.Required = deploy.Some(v)
					s.give(o.Value, at.Join("required"))
				}
			case "restart":
				if v, ok := s.truth(o.Value); ok {
					d.Follow = deploy.Some(v)
					s.give(o.Value, at.Join("follow"))
				}
			default:
				s.unknown(o, "depends_on", []string{"condition", "required", "restart"})
			}
		}
		s.settleNeed(d, at)
	}
}

// settleNeed sets what a dependency does not say.
func (s *svc) settleNeed(d *deploy.Need, at deploy.Path) {
	key := "services." + s.name + ".depends_on." + d.Workload
	if !d.Condition.IsSet() {
		d.Condition = deploy.Some(deploy.Started)
		s.implied("services.depends_on", key+".condition", "service_started", at.Join("condition"))
	}
	if !d.Required.IsSet() {
		d.Required = deploy.Some(true)
		s.implied("services.depends_on", key+".required", "true", at.Join("required"))
	}
	if !d.Follow.IsSet() {
		d.Follow = deploy.Some(false)
		s.implied("services.depends_on", key+".restart", "false", at.Join("follow"))
	}
}

// links reads the old way to depend on a service: it is there first, and restarts take this one along. An alias has no place. It runs after depends_on, which wins.
func (s *svc) links(n yamldoc.Node) {
	s.list(n, func(c yamldoc.Node, t string) {
		name, alias, _ := strings.Cut(t, ":")
		if !s.known(c, name) {
			return
		}
		for _, d := range s.w.Needs {
			if d.Workload == name {
				s.inert(c, "depends_on says it already; peers are reached under their names anyway")
				return
			}
		}
		d, at := s.need(name)
		d.Condition, d.Follow = deploy.Some(deploy.Started), deploy.Some(true)
		if alias != "" && alias != name {
			s.almost(c, "the second name "+strconv.Quote(alias)+" is not carried", "use the service's own name", at.Join("condition"), at.Join("follow"))
		} else {
			s.give(c, at.Join("condition"), at.Join("follow"))
		}
		s.settleNeed(d, at)
	})
}
