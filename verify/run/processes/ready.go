//go:build linux

package processes

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"time"
)

const (
	settled   = time.Second     // how long a program must live that nobody can ask
	tooShort  = 5               // lives that end before it is ready, after which it is given up
	boundless = 2 * time.Minute // how long a start may take of which nothing is said
)

// await waits until all instances of a unit are ready.
func (s *supervisor) await(k *keeper) error {
	limit := boundless
	if !k.Timeout.Forever && k.Timeout.For > 0 {
		limit = k.Timeout.For
	}
	began := time.Now()
	for _, in := range k.instances {
		if err := in.await(began.Add(limit), limit); err != nil {
			return err
		}
	}
	return nil
}

func (in *instance) await(deadline time.Time, limit time.Duration) error {
	name := in.k.Name
	longest := 250 * time.Millisecond
	if in.k.Ready.Port == 0 {
		longest = 50 * time.Millisecond // it is looked at, not asked
	}
	for pause := 20 * time.Millisecond; ; pause = min(2*pause, longest) {
		err := in.ready()
		in.mu.Lock()
		why, tended, short, last := in.fault, in.tended, in.short, in.ended
		if in.stood {
			err = nil
		}
		if err == nil {
			in.short = 0
		}
		in.mu.Unlock()
		switch {
		case err == nil:
			return nil
		case why != nil:
			return &fault{What: name + " cannot be started: " + why.Error(), Log: name}
		case !tended || short >= tooShort:
			what := name + " ended before it was ready"
			if last != nil {
				what = name + " " + last.words() + " before it was ready"
			}
			if short > 1 {
				what += fmt.Sprintf(", %d times", short)
			}
			f := &fault{What: what, Remedy: "see what it printed", Log: name}
			if last != nil {
				f.From = last.From
			}
			return f
		case time.Now().After(deadline):
			return &fault{What: fmt.Sprintf("%s is not ready after %s: %s", name, limit, err), Remedy: "see what it printed, and whether its probe asks the right port", Log: name}
		}
		time.Sleep(pause)
	}
}

// asks reports whether the program itself can be asked.
func (p probe) asks() bool { return p.Port != 0 || p.Command != nil }

// words say how a program has ended.
func (e end) words() string {
	if e.Signal != "" {
		return "was ended by " + e.Signal
	}
	return "ended with status " + strconv.Itoa(e.Code)
}

// ready asks the program once whether it is ready; nil: it is.
func (in *instance) ready() error {
	in.mu.Lock()
	main, since, tended := in.main, in.since, in.tended
	in.mu.Unlock()
	if in.k.Accept != "" && tended {
		return nil
	}
	if main == nil {
		return errors.New("it does not run")
	}
	p := in.k.Ready
	patience := p.Timeout
	if patience <= 0 {
		patience = 2 * time.Second
	}
	at := net.JoinHostPort(p.Address, strconv.Itoa(p.Port+in.replica.Shift))
	switch {
	case p.Command != nil:
		code, err := in.visit(p.Command.arguments(in.environment()), io.Discard, io.Discard, patience)
		if err == nil && code != 0 {
			err = fmt.Errorf("the command that asks it ends with status %d", code)
		}
		return err
	case p.Port != 0 && p.Path != "":
		return get(at, p.Path, patience)
	case p.Port != 0 && len(in.k.handed) == 0:
		c, err := net.DialTimeout("tcp", at, patience)
		if err != nil {
			return fmt.Errorf("nothing listens on %s", at)
		}
		return c.Close()
	}
	if time.Since(since) < settled {
		return errors.New("it has only just been started")
	}
	return nil
}

// get makes an HTTP request and looks at the status: 200–399 is healthy. net/http would follow and keep more than is asked for.
func get(at, path string, patience time.Duration) error {
	c, err := net.DialTimeout("tcp", at, patience)
	if err != nil {
		return fmt.Errorf("nothing listens on %s", at)
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(patience))
	if _, err := fmt.Fprintf(c, "GET %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: lift\r\nAccept: */*\r\nConnection: close\r\n\r\n", path, at); err != nil {
		return fmt.Errorf("%s does not take a request for %s", at, path)
	}
	line, err := bufio.NewReader(io.LimitReader(c, 4<<10)).ReadString('\n')
	if err != nil {
		return fmt.Errorf("%s does not answer a request for %s", at, path)
	}
	f := strings.Fields(line)
	if len(f) < 2 || !strings.HasPrefix(f[0], "HTTP/") {
		return fmt.Errorf("what answers at %s is no HTTP", at)
	}
	if n, err := strconv.Atoi(f[1]); err != nil || n < 200 || n > 399 {
		return fmt.Errorf("%s answers a request for %s with status %s", at, path, f[1])
	}
	return nil
}
