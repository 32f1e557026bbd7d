package kubernetes

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"
)

const (
	addressTime = time.Minute      // until a Gateway or an Ingress has an address
	acceptTime  = 20 * time.Second // until a route is accepted, and served
)

// openDoors waits until requests come in. What does not open is shut, with the reason: the rest of the system can be looked at all the same.
func (p *running) openDoors(ctx context.Context) error {
	open := false
	for _, d := range p.doors.list {
		if d.shut != "" {
			continue
		}
		if err := p.openDoor(ctx, d); err != nil {
			return err
		}
		if d.shut != "" {
			p.progress("%s serves nothing: %s", d.object, d.shut)
			continue
		}
		open = true
	}
	if !open {
		return nil
	}
	return p.served(ctx)
}

// status is what Gateways, routes and Ingresses say of themselves.
type status struct {
	Status struct {
		Addresses    []struct{ Value string }
		Conditions   []condition
		Parents      []struct{ Conditions []condition }
		LoadBalancer struct {
			Ingress []struct{ IP, Hostname string }
		}
	}
}

// openDoor waits for the address, and until the route is accepted.
func (p *running) openDoor(ctx context.Context, d *door) error {
	path, what := gateways.at(p.ns, d.gateway), "the Gateway "+d.gateway
	if d.gateway == "" {
		path, what = ingresses.at(p.ns, d.object.name), "the Ingress "+d.object.name
	}
	var now status
	err := p.until(ctx, addressTime, path, &now, func() bool {
		if a := now.Status.Addresses; len(a) > 0 {
			d.address = a[0].Value
		}
		if i := now.Status.LoadBalancer.Ingress; len(i) > 0 {
			if d.address = i[0].IP; d.address == "" {
				d.address = i[0].Hostname
			}
		}
		return d.address != "" && (d.gateway == "" || holds(now.Status.Conditions, "Programmed"))
	})
	if errors.Is(err, errPatience) {
		d.shut = what + " gets no address" + conditionWords(now.Status.Conditions)
		return nil
	}
	if err != nil || d.gateway == "" {
		return err
	}
	r, _, err := p.client.resourceOf(ctx, d.object.version, d.object.kind)
	if err != nil {
		return err
	}
	var route status
	err = p.until(ctx, acceptTime, r.at(p.ns, d.object.name), &route, func() bool {
		return slices.ContainsFunc(route.Status.Parents, func(s struct{ Conditions []condition }) bool {
			return holds(s.Conditions, "Accepted") && holds(s.Conditions, "ResolvedRefs")
		})
	})
	if errors.Is(err, errPatience) {
		var all []condition
		for _, parent := range route.Status.Parents {
			all = append(all, parent.Conditions...)
		}
		d.shut = "the cluster's controller does not accept it" + conditionWords(all)
		return nil
	}
	return err
}

var errPatience = errors.New("not in time")

// until reads an object again and again until it is as it should be.
func (p *running) until(ctx context.Context, limit time.Duration, path string, into *status, good func() bool) error {
	for end := time.Now().Add(limit); ; {
		*into = status{}
		if err := p.client.get(ctx, path, nil, into); err != nil {
			return err
		}
		if good() {
			return nil
		}
		if time.Now().After(end) {
			return errPatience
		}
		if !sleep(ctx, pause) {
			return ctx.Err()
		}
	}
}

func holds(list []condition, kind string) bool {
	return slices.ContainsFunc(list, func(c condition) bool { return c.Type == kind && c.Status == "True" })
}

// conditionWords is what the conditions say that do not hold.
func conditionWords(list []condition) string {
	var out []string
	for _, c := range list {
		if c.Status != "True" && c.Message != "" {
			out = append(out, c.Message)
		}
	}
	if len(out) == 0 {
		return ""
	}
	return ": " + strings.Join(out, "; ")
}

// canary is a route that the Gateway answers by itself. It is created last: when it is served, the others are, and no program of the system was asked for that. A status tells less: it says that a route is
// accepted, not that it is served.
const canary = "lift-canary"

// served waits until the routes are served.
func (p *running) served(ctx context.Context) error {
	for name := range p.doors.made {
		i := slices.IndexFunc(p.doors.list, func(d *door) bool { return d.gateway == name && d.shut == "" && d.port == "80" })
		if i < 0 {
			continue
		}
		d := p.doors.list[i]
		host := p.ns + "." + registry
		err := p.add(ctx, httpRoutes, map[string]any{
			"apiVersion": gatewayVersion, "kind": "HTTPRoute", "metadata": map[string]any{"name": canary},
			"spec": map[string]any{
				"parentRefs": []any{map[string]any{"name": name}}, "hostnames": []any{host},
				"rules": []any{map[string]any{"filters": []any{map[string]any{"type": "RequestRedirect", "requestRedirect": map[string]any{"hostname": canary + "." + registry, "statusCode": 302}}}}},
			},
		})
		if err != nil {
			return fmt.Errorf("the HTTPRoute %s: %w", canary, err)
		}
		if err := p.sings(ctx, d, host); errors.Is(err, errPatience) {
			for _, d := range p.doors.list {
				if d.gateway == name && d.shut == "" {
					d.shut = fmt.Sprintf("the Gateway's address %s does not serve its routes from here within %s", net.JoinHostPort(d.address, d.port), acceptTime)
					p.progress("%s serves nothing: %s", d.object, d.shut)
				}
			}
		} else if err != nil {
			return err
		}
		if err := p.client.delete(ctx, httpRoutes.at(p.ns, canary), nil); err != nil && !missing(err) {
			return err
		}
	}
	if slices.ContainsFunc(p.doors.list, func(d *door) bool { return d.gateway == "" && d.shut == "" }) {
		sleep(ctx, ingressTime) // an Ingress has nothing that the controller answers by itself
	}
	return ctx.Err()
}

// ingressTime is what controllers take at most, as a rule, until an Ingress that has its address is served.
const ingressTime = 3 * time.Second

// sings asks for the canary until it answers.
func (p *running) sings(ctx context.Context, d *door, host string) error {
	web := http.Client{
		Transport:     &http.Transport{DisableKeepAlives: true, Proxy: nil},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Timeout:       5 * time.Second,
	}
	for end := time.Now().Add(acceptTime); time.Now().Before(end); {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+net.JoinHostPort(d.address, d.port)+"/", nil)
		if err != nil {
			return err
		}
		req.Host = host
		if resp, err := web.Do(req); err == nil {
			resp.Body.Close()
			if resp.StatusCode == http.StatusFound && strings.Contains(resp.Header.Get("Location"), canary) {
				return nil
			}
		}
		if !sleep(ctx, pause/2) {
			return ctx.Err()
		}
	}
	return errPatience
}
