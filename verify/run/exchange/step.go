package exchange

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"time"
)

// step stops, begins or runs a workload.
func (p *player) step(ctx context.Context, it Item) (a answer) {
	name := p.side.called(it.Workload)
	if it.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, it.Timeout)
		defer cancel()
	}
	fail := func(err error) answer {
		var nowhere NotHere
		if errors.As(err, &nowhere) {
			return answer{nowhere: nowhere.Why}
		}
		return answer{fault: p.mask.text(err.Error())}
	}
	switch it.Do {
	case RunOnce:
		e, err := p.side.Target.Run(ctx, name)
		if err != nil {
			return fail(err)
		}
		a = answer{ended: &e}
		a.unmet = it.Expect.endings(p.find, e)
		return a
	case Stop, Restart:
		e, err := p.side.Target.Stop(ctx, name)
		if err != nil {
			return fail(err)
		}
		a = answer{ended: &e}
		if err := p.silent(ctx, it.Workload); err != nil {
			return fail(err)
		}
	}
	if it.Do == Begin || it.Do == Restart {
		if err := p.side.Target.Begin(ctx, name); err != nil {
			return fail(err)
		}
	}
	return a
}

// silence is how long it may take until a stopped workload's ports are closed, and how long a connection is watched that is still taken.
const (
	silence = 3 * time.Second
	watched = 300 * time.Millisecond
)

// silent makes sure that nobody answers for a workload that is stopped: or all that is asked of it afterwards would be answered by somebody else.
func (p *player) silent(ctx context.Context, workload string) error {
	w := p.side.workload(workload)
	if w == nil || len(w.Source.Sockets) > 0 { // whoever hands sockets over keeps them open
		return nil
	}
	for _, port := range w.Ports {
		number, protocol, _ := strings.Cut(port.Number, "/")
		n, err := strconv.Atoi(number)
		if err != nil || protocol != "tcp" {
			continue
		}
		for end := time.Now().Add(silence); ; {
			c, err := p.side.Target.Dial(ctx, w.Name, n)
			if err != nil || !alive(c) {
				break
			}
			if time.Now().After(end) {
				return fmt.Errorf("it is stopped, and yet somebody takes connections at its port %d", n)
			}
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(100 * time.Millisecond):
			}
		}
	}
	return nil
}

// alive reports whether somebody holds the other end of a connection, and closes it: what forwards connections takes them first and drops them then.
func alive(c net.Conn) bool {
	defer c.Close()
	_ = c.SetReadDeadline(time.Now().Add(watched))
	n, err := c.Read(make([]byte, 1))
	var timeout net.Error
	return n > 0 || errors.Is(err, os.ErrDeadlineExceeded) || errors.As(err, &timeout) && timeout.Timeout()
}
