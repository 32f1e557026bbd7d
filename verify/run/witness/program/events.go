//go:build linux

package main

import (
	"encoding/json"
	"slices"
	"sync"
	"syscall"
	"time"

	"github.com/deploylift/lift/verify/run/witness/report"
)

// events is the witness's log: it prints each event on standard output and keeps the last ones for who asks. A standard output that is closed, broken or stuck stops nothing.
type events struct {
	mu    sync.Mutex
	last  []report.Event
	lines chan<- []byte // nil: it is over
	done  chan struct{}
}

const kept = 1000

func newEvents() *events {
	lines := make(chan []byte, 256)
	e := &events{lines: lines, done: make(chan struct{})}
	go func() {
		defer close(e.done)
		for line := range lines {
			writeAll(1, line)
		}
	}()
	return e
}

// add takes an event up. One that says that all is as before is printed, but not kept: it would push the others out.
func (e *events) add(ev report.Event) {
	text, err := json.Marshal(ev)
	if err != nil {
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if ev.Kind != "alive" {
		if len(e.last) == kept {
			e.last = slices.Delete(e.last, 0, 1)
		}
		e.last = append(e.last, ev)
	}
	if e.lines == nil {
		return
	}
	select {
	case e.lines <- slices.Concat([]byte(report.Line), text, []byte("\n")):
	default: // nobody reads what is printed
	}
}

func (e *events) list() []report.Event {
	e.mu.Lock()
	defer e.mu.Unlock()
	return append([]report.Event{}, e.last...)
}

// flush prints what is left, as far as somebody reads it.
func (e *events) flush() {
	e.mu.Lock()
	if e.lines != nil {
		close(e.lines)
		e.lines = nil
	}
	e.mu.Unlock()
	select {
	case <-e.done:
	case <-time.After(500 * time.Millisecond):
	}
}

// writeAll writes past os.Stdout, which would let a broken pipe end the program.
func writeAll(fd int, data []byte) {
	for len(data) > 0 {
		n, err := syscall.Write(fd, data)
		switch {
		case err == syscall.EAGAIN: // somebody made it non-blocking
			time.Sleep(10 * time.Millisecond)
		case err == syscall.EINTR:
		case err != nil || n <= 0:
			return
		default:
			data = data[n:]
		}
	}
}
