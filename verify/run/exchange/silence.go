package exchange

import (
	"context"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/deploylift/lift/deploy"
)

// Taken is the error of doors at which somebody answers before the system has been started.
type Taken struct{ Addresses []string }

func (e Taken) Error() string {
	return fmt.Sprintf("somebody answers at %s before the system is started, and would be taken for it; stop what listens there", strings.Join(e.Addresses, ", "))
}

// NobodyAnswers makes sure that at none of the addresses, HOST:PORT, anybody takes connections: before a side is started, so that its answers are its own, and after it has been closed, so that it has left nothing.
func NobodyAnswers(ctx context.Context, addresses ...string) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second) // who does not even refuse does not answer
	defer cancel()
	taken := make([]bool, len(addresses))
	var wg sync.WaitGroup
	for i, a := range addresses {
		wg.Go(func() {
			c, err := new(net.Dialer).DialContext(ctx, "tcp", a)
			if err == nil {
				taken[i] = true
				c.Close()
			}
		})
	}
	wg.Wait()
	var e Taken
	for i, a := range addresses {
		if taken[i] && !slices.Contains(e.Addresses, a) {
			e.Addresses = append(e.Addresses, a)
		}
	}
	if len(e.Addresses) > 0 {
		return e
	}
	return ctx.Err()
}

// Addresses lists where a system on this machine takes connections: the published ports, and with bound also those that its programs listen on themselves, as processes do.
func Addresses(app deploy.App, bound bool) []string {
	var out []string
	add := func(host, port string) {
		switch host {
		case "", "0.0.0.0", "*":
			host = "127.0.0.1"
		case "::":
			host = "::1"
		}
		if a := net.JoinHostPort(host, port); !slices.Contains(out, a) {
			out = append(out, a)
		}
	}
	for _, w := range app.Workloads {
		for _, p := range w.Ports {
			number, protocol, _ := strings.Cut(p.Number, "/")
			if protocol != "tcp" {
				continue
			}
			if at, ok := p.Published.Get(); ok {
				host, port := splitHost(at)
				if port == "" { // the port alone
					host, port = "", at
				}
				add(host, port)
			}
			if bound {
				add(p.Address.Or(""), number)
			}
		}
	}
	slices.Sort(out)
	return out
}
