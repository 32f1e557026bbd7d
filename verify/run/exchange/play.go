package exchange

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// Recording is what one side has answered to a file of exchanges. It holds secrets and therefore gives nothing away but through Compare, Noise and Unmet.
type Recording struct {
	tier    string
	answers []answer // one for each item of the file
	mask    *mask
}

// String says what it is, and nothing of what is in it.
func (r Recording) String() string {
	return fmt.Sprintf("%d answers of %s", len(r.answers), r.tier)
}

// GoString keeps what is in it out of %#v.
func (r Recording) GoString() string { return "exchange.Recording(" + r.String() + ")" }

// MarshalJSON keeps what is in it out of files.
func (r Recording) MarshalJSON() ([]byte, error) { return json.Marshal(r.String()) }

// Play does what the file says on one side, in its order, and records what is answered. The error is that of a context that ended; everything else is in the recording.
func Play(ctx context.Context, f File, s Side) (Recording, error) {
	env := s.environment()
	p := player{side: s, file: f, env: env, mask: newMask(env.secrets()), kept: map[string]kept{}, lost: map[string]int{}}
	rec := Recording{tier: s.Tier, mask: p.mask}
	for i, it := range f.Items {
		if err := ctx.Err(); err != nil {
			return rec, err
		}
		s.progress("%s: %s", s.Tier, it.label())
		var a answer
		if it.Do != "" {
			a = p.step(ctx, it)
		} else {
			a = p.item(ctx, i, it)
		}
		rec.answers = append(rec.answers, a)
	}
	return rec, ctx.Err()
}

// label is the item's name, with its title.
func (i Item) label() string {
	if i.Title == "" {
		return i.Name()
	}
	return i.Name() + " (" + i.Title + ")"
}

type player struct {
	side Side
	file File
	env  environment
	mask *mask
	kept map[string]kept
	lost map[string]int // variable → line of the exchange that should have kept it
}

// find looks a variable up.
func (p *player) find(r reference) (kept, error) {
	if w, name, ok := r.environment(); ok {
		text, secret, err := p.env.value(w, name)
		if secret {
			p.mask.hide(text)
		}
		return kept{text: text}, err
	}
	if v, ok := p.kept[string(r)]; ok {
		return v, nil
	}
	if n := p.lost[string(r)]; n > 0 {
		return kept{}, fmt.Errorf("the exchange in line %d has not given %s", n, r)
	}
	return kept{}, fmt.Errorf("nothing called %s has been kept", r)
}

// usualPause is how long is waited between two tries of until.
const usualPause = 250 * time.Millisecond

// item sends one request, again and again if it has an until, and keeps what it says.
func (p *player) item(ctx context.Context, number int, it Item) (a answer) {
	defer func() {
		if a.ok() {
			if err := p.keep(it, a); err != "" {
				a.unmet = append(a.unmet, miss{at: Place{Kind: AtBody}, what: err})
			}
		}
		for _, k := range it.Keep {
			if _, ok := p.kept[k.Name]; !ok {
				p.lost[k.Name] = it.Line
			}
		}
	}()
	r, err := p.ready(it)
	if err != nil {
		return answer{skipped: err.Error()}
	}
	open, nowhere, direct := p.open(it.Request.Address, r)
	if nowhere != "" {
		return answer{nowhere: nowhere}
	}
	end := time.Now().Add(it.Until)
	for try := 1; ; try++ {
		r.mark = fmt.Sprintf("%s-%03d-%04d", p.side.Nonce, number+1, try%10000)
		a = r.exchange(ctx, open)
		a.tries, a.direct = try, direct.Load()
		a.unmet = it.Expect.misses(p.find, a)
		if len(a.unmet) == 0 || it.Until == 0 || a.nowhere != "" || time.Now().After(end) || ctx.Err() != nil {
			return a
		}
		pause := it.Every
		if pause == 0 {
			pause = usualPause
		}
		select {
		case <-ctx.Done():
			return a
		case <-time.After(min(pause, max(time.Until(end), time.Millisecond))):
		}
	}
}

// ready puts the values in the place of the variables.
func (p *player) ready(it Item) (ready, error) {
	find := lookup(p.find)
	d := p.file.Defaults
	q := it.Request
	r := ready{method: q.Method, scheme: "http", websocket: q.WebSocket, timeout: usualTimeout, side: &p.side}
	for _, t := range []time.Duration{d.Timeout, it.Timeout} {
		if t > 0 {
			r.timeout = t
		}
	}
	var fault error
	text := func(s string) string {
		t, err := find.expand(s, nil)
		if err != nil && fault == nil {
			fault = err
		}
		return t
	}
	r.host = net.JoinHostPort("127.0.0.1", strconv.Itoa(q.Address.Port))
	if q.Address.Way == Outside {
		r.scheme, r.host = q.Address.Scheme, q.Address.Host
	}
	r.path = text(q.Address.Path)
	own := map[string]bool{}
	for _, h := range q.Headers {
		own[h.Name] = true
	}
	for _, h := range append(dropHeaders(d.Headers, own), q.Headers...) {
		h.Value = text(h.Value)
		if strings.ContainsFunc(h.Value, control) {
			return r, fmt.Errorf("the header %s would have a control character", h.Name)
		}
		r.headers = append(r.headers, h)
	}
	if r.user = q.User; r.user == "" {
		r.user = d.User
	}
	if r.user != "" {
		r.user = text(r.user)
		if _, password, _ := strings.Cut(r.user, ":"); len(password) > 0 {
			p.mask.hide(r.user, password)
		}
	}
	if q.Body != nil {
		r.hasBody = true
		switch q.Body.Form {
		case JSON:
			r.kind = "application/json"
			body, err := find.json(q.Body.Text)
			if err != nil && fault == nil {
				fault = err
			}
			r.body = []byte(body)
		case Fields:
			r.kind = "application/x-www-form-urlencoded"
			var parts []string
			for _, f := range q.Body.Fields {
				parts = append(parts, url.QueryEscape(f.Name)+"="+url.QueryEscape(text(f.Value)))
			}
			r.body = []byte(strings.Join(parts, "&"))
		default:
			r.body = []byte(text(q.Body.Text))
		}
	}
	if fault != nil {
		return r, fault
	}
	if what := pathFault(r.path); what != "" || !strings.HasPrefix(r.path, "/") {
		return r, errors.New("what has been kept makes no path")
	}
	return r, nil
}

// dropHeaders returns the headers that are not named in own.
func dropHeaders(list []Header, own map[string]bool) []Header {
	var out []Header
	for _, h := range list {
		if !own[h.Name] {
			out = append(out, h)
		}
	}
	return out
}

// open says how to connect to where a request goes. direct becomes true where the program itself is asked although the published port is meant: the tier publishes none.
func (p *player) open(a Address, r ready) (d dial, nowhere string, direct *atomic.Bool) {
	t := p.side.Target
	direct = new(atomic.Bool)
	name := p.side.called(a.Workload)
	switch a.Way {
	case Outside:
		route, ok := p.side.door(a.Scheme, a.Host, r.path)
		if !ok {
			return nil, "no route leads there", direct
		}
		return func(ctx context.Context) (net.Conn, error) { return t.Door(ctx, route) }, "", direct
	case Published:
		return func(ctx context.Context) (net.Conn, error) {
			c, err := t.Published(ctx, name, a.Port)
			if errors.As(err, new(NotHere)) {
				direct.Store(true)
				return t.Dial(ctx, name, a.Port)
			}
			return c, err
		}, "", direct
	}
	return func(ctx context.Context) (net.Conn, error) { return t.Dial(ctx, name, a.Port) }, "", direct
}

// keep takes out of an answer what later requests need. It says what is not there.
func (p *player) keep(it Item, a answer) string {
	fault := ""
	for _, k := range it.Keep {
		v, ok := k.value(a)
		if !ok {
			if fault == "" {
				fault = "nothing to keep as " + k.Name
			}
			continue
		}
		if k.From == "cookie" { // as good as a password for as long as it is valid
			p.mask.hide(v.text)
		}
		p.kept[k.Name] = v
	}
	return fault
}

// value takes a value out of an answer.
func (k Keep) value(a answer) (v kept, ok bool) {
	switch k.From {
	case "json":
		path, _, err := parsePath(k.What)
		if err != nil {
			return v, false
		}
		all, err := decodeJSON(a.body)
		if err != nil {
			return v, false
		}
		x, ok := path.in(all)
		if !ok {
			return v, false
		}
		v.json = compact(x)
		v.text = v.json
		if s, isText := x.(string); isText {
			v.text = s
		}
		return v, true
	case "header":
		if len(a.header[k.What]) == 0 {
			return v, false
		}
		v.text = a.header[k.What][0]
	case "cookie":
		for _, c := range (&http.Response{Header: a.header}).Cookies() {
			if c.Name == k.What {
				return kept{text: c.Value}, true
			}
		}
		return v, false
	case "body":
		v.text = string(a.body)
	}
	if k.Pattern == "" {
		return v, true
	}
	re, err := compile(k.Pattern)
	if err != nil {
		return v, false
	}
	m := re.FindStringSubmatch(v.text)
	if m == nil {
		return v, false
	}
	return kept{text: m[min(1, len(m)-1)]}, true
}
