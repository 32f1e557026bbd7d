//go:build linux

package processes

import (
	"slices"
	"syscall"
	"time"

	"github.com/deploylift/lift/deploy"
)

// beat is how often it is looked whether processes are still there that are nobody's children.
const beat = 10 * time.Millisecond

// terminate stops the program as its supervisor does: the commands before the stop, the signal, patience, SIGKILL.
func (in *instance) terminate(o order, p *process) end {
	asked := time.Now()
	over := in.k.Stop.Grace.after()
	for _, t := range in.k.Stopping {
		if err := in.task(o, t, p.pid, over); err != nil && !t.MayFail {
			in.s.progress("%s: before the stop: %s", in.k.Name, err)
		}
	}
	sig := syscall.Signal(in.k.Stop.Signal)
	in.send(p, sig)
	killed := in.outlast(p, over)
	e := p.end()
	e.Killed = killed
	e.Took = time.Since(asked)
	return e
}

// send gives the stop signal to those who get it. A stopped process must go on to hear it (systemd.kill(5), SendSIGHUP= and the signal itself).
func (in *instance) send(p *process, sig syscall.Signal) {
	targets := []int{p.pid}
	if in.k.Stop.Scope == deploy.StopGroup {
		targets = in.members()
		if alive(p) && !slices.Contains(targets, p.pid) {
			targets = append(targets, p.pid)
		}
	} else if !alive(p) {
		return
	}
	for _, pid := range targets {
		tell(pid, sig)
		if sig != syscall.SIGKILL && sig != syscall.SIGCONT {
			tell(pid, syscall.SIGCONT)
		}
	}
}

// outlast waits until all have ended who must, and kills them when the patience is over; it reports whether it had to.
func (in *instance) outlast(p *process, over <-chan time.Time) (killed bool) {
	tick := time.NewTicker(beat)
	defer tick.Stop()
	for {
		done := !alive(p)
		if done {
			switch in.k.Stop.Scope {
			case deploy.StopMain:
				return killed
			case deploy.StopMixed:
				in.killRest()
				return killed
			default:
				if len(in.members()) == 0 {
					return killed
				}
			}
		}
		wait := p.done
		if done {
			wait = nil
		}
		select {
		case <-wait:
		case <-tick.C:
		case <-over:
			over, killed = nil, true
			tell(p.pid, syscall.SIGKILL)
			<-p.done
			if in.k.Stop.Scope != deploy.StopMain {
				in.killRest()
			}
		}
	}
}

// clear ends what a program has left behind that ended by itself.
func (in *instance) clear(p *process) {
	switch in.k.Stop.Scope {
	case deploy.StopMain:
	case deploy.StopMixed:
		in.killRest()
	default:
		if len(in.members()) > 0 {
			in.send(p, syscall.Signal(in.k.Stop.Signal))
			in.outlast(p, in.k.Stop.Grace.after())
		}
	}
}

// killRest kills all processes of the instance, those too that are made meanwhile.
func (in *instance) killRest() {
	for {
		list := in.members()
		if len(list) == 0 {
			return
		}
		for _, pid := range list {
			tell(pid, syscall.SIGKILL)
		}
		time.Sleep(beat)
	}
}

func alive(p *process) bool {
	select {
	case <-p.done:
		return false
	default:
		return true
	}
}
