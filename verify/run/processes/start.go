//go:build linux

package processes

import (
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/deploylift/lift/deploy"
)

// milestone is what others may wait for of a unit.
type milestone struct {
	started, finished chan struct{} // closed; finished: it is ready, or a job has been run
	err               error         // valid once finished is closed
}

// start starts all that starts with the system, in the order of its needs, and what that needs, and waits until it is ready.
func (s *supervisor) start() error {
	wanted := s.wanted()
	if ring := s.ring(wanted); ring != "" {
		return &fault{What: "workloads wait for each other: " + ring, Remedy: "take one of the needs away"}
	}
	marks := map[string]*milestone{}
	for _, name := range wanted {
		marks[name] = &milestone{started: make(chan struct{}), finished: make(chan struct{})}
	}
	first := make(chan error, len(wanted)) // the first one counts: lift ends the side then
	var wg sync.WaitGroup
	for _, name := range wanted {
		wg.Go(func() {
			k, m := s.units[name], marks[name]
			m.err = s.bring(k, m, marks)
			select {
			case <-m.started:
			default:
				close(m.started)
			}
			close(m.finished)
			if m.err != nil {
				first <- m.err
			}
		})
	}
	go func() { wg.Wait(); close(first) }()
	return <-first
}

// wanted lists the units that start with the system, and those that these need.
func (s *supervisor) wanted() []string {
	var out []string
	var add func(name string)
	add = func(name string) {
		k := s.units[name]
		if k == nil || slices.Contains(out, name) {
			return
		}
		out = append(out, name)
		for _, n := range k.Needs {
			if other := s.units[n.Unit]; other != nil && (other.Kind == deploy.Job || n.Required && other.Kind != deploy.Cron) {
				add(n.Unit)
			}
		}
	}
	for _, u := range s.side.Units {
		if u.Autostart && !once(u.Kind) {
			add(u.Name)
		}
	}
	return out
}

// ring looks for units that wait for each other, "" for none.
func (s *supervisor) ring(wanted []string) string {
	const open, closed = 1, 2
	seen := map[string]int{}
	var visit func(name string) string
	visit = func(name string) string {
		switch seen[name] {
		case open:
			return name
		case closed:
			return ""
		}
		seen[name] = open
		for _, n := range s.units[name].Needs {
			if slices.Contains(wanted, n.Unit) {
				if r := visit(n.Unit); r != "" {
					return name + ", " + r
				}
			}
		}
		seen[name] = closed
		return ""
	}
	for _, name := range wanted {
		if r := visit(name); r != "" {
			return r
		}
	}
	return ""
}

// bring waits for what a unit needs and then starts it, or runs it if it is a job.
func (s *supervisor) bring(k *keeper, m *milestone, marks map[string]*milestone) error {
	for _, n := range k.Needs {
		other := marks[n.Unit]
		if other == nil {
			continue
		}
		if n.Condition == deploy.Started && !once(s.units[n.Unit].Kind) {
			<-other.started
		} else {
			<-other.finished
		}
		select {
		case <-other.finished:
			if other.err != nil && n.Required {
				return &fault{What: fmt.Sprintf("%s was not started: %s has failed", k.Name, n.Unit)}
			}
		default:
		}
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if err := s.raise(k); err != nil {
		return err
	}
	if once(k.Kind) {
		in := k.instances[0]
		<-in.over()
		e, err := in.last()
		switch {
		case err != nil:
			return &fault{What: k.Name + " cannot be started: " + err.Error(), Log: k.Name}
		case e.Code != 0:
			return &fault{What: k.Name + " " + e.words(), Remedy: "see what it printed", Log: k.Name}
		}
		s.progress("%s has been run", k.Name)
		return nil
	}
	if err := s.afoot(k); err != nil {
		return err
	}
	close(m.started)
	if err := s.await(k); err != nil {
		return err
	}
	s.progress("%s is ready", k.Name)
	return nil
}

// afoot waits until the programs of a unit are executed, whether ready or not.
func (s *supervisor) afoot(k *keeper) error {
	for _, in := range k.instances {
		if err := in.afoot(); err != nil {
			var f *fault
			if errors.As(err, &f) {
				return err
			}
			return &fault{What: k.Name + " cannot be started: " + err.Error(), Log: k.Name}
		}
	}
	return nil
}
