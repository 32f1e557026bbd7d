//go:build linux

package main

import (
	"os"
	"os/signal"
	"slices"
	"syscall"
	"time"

	"github.com/deploylift/lift/verify/run/witness/report"
)

// witness is one that stands in for a program.
type witness struct {
	plan   report.Plan
	argv   []string
	start  start
	events *events
	exits  chan int // asked to end with a status
	child  *child   // nil: none
	bind   map[string]string
}

// aliveInterval is how often a stubborn one says that it is alive.
const aliveInterval = 250 * time.Millisecond

func (w *witness) run() {
	signals := make(chan os.Signal, 256)
	signal.Notify(signals, recorded()...)
	w.events = newEvents()
	w.exits = make(chan int, 1)
	if w.plan.Children {
		w.child = startChild(w) // before there are sockets that it would keep open
	}
	questions := w.openSocket() // before the ports, by which a runner sees that it can ask
	if !w.plan.Once {
		w.listen()
	}
	world := w.world()
	if w.plan.Once {
		go func() { // signals are heeded meanwhile
			w.tryBind()
			world.Bind = w.bound()
			world.Peers = w.peers()
			w.tell("world", func(e *report.Event) { e.World = &world })
			w.exits <- 0
		}()
	} else {
		w.tell("world", func(e *report.Event) { e.World = &world })
		go w.answerQuestions(questions)
	}
	terminal := slices.Contains(w.start.standard[:], "terminal")
	var alive <-chan time.Time
	for {
		select {
		case s := <-signals:
			w.tell("signal", func(e *report.Event) { e.Name = signalName(s.(syscall.Signal)) })
			if !ends(s, terminal) {
				continue
			}
			if !w.plan.Stubborn {
				w.child.await(200 * time.Millisecond) // it may have got the same signal
				w.end(0)
			}
			if alive == nil {
				alive = time.Tick(aliveInterval)
			}
		case <-alive:
			w.tell("alive", func(*report.Event) {})
		case status := <-w.exits:
			w.end(status)
		}
	}
}

func (w *witness) tell(kind string, fill func(*report.Event)) {
	e := report.Event{Nonce: w.plan.Nonce, Time: time.Now(), Kind: kind, Pid: os.Getpid()}
	fill(&e)
	w.events.add(e)
}

func (w *witness) end(status int) {
	w.tell("exit", func(e *report.Event) { e.Code = status })
	w.events.flush()
	making.Lock()
	os.Exit(status)
}
