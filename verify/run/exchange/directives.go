package exchange

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Bounds of what a person can mean.
const (
	longestTimeout = 5 * time.Minute
	longestUntil   = 30 * time.Minute
)

// directives reads the indented lines below an item.
type directives struct {
	*parser
	item  *Item
	where string         // what it is indented below, for messages
	words []string       // that are known here
	seen  map[string]int // what may stand once → the line that it stands in
}

// block reads all lines that are indented below the item.
func (d *directives) block() {
	margin := ""
	for d.at < len(d.lines) {
		l := d.lines[d.at]
		switch {
		case l.broken:
			d.at++
			continue
		case l.text == "":
			d.at++
			continue
		case l.margin == "":
			return
		case margin == "":
			margin = l.margin
		}
		d.at++
		if l.margin != margin {
			d.fault(l.n, "the line is indented otherwise than those above it", "indent all lines of a request alike, and what belongs to one of them deeper")
			continue
		}
		if l.text[0] == '#' {
			d.item.Comment = append(d.item.Comment, said(l.text))
			continue
		}
		below := d.below(margin)
		d.directive(l, below)
	}
}

// below reads the lines of a block: deeper than the margin.
func (d *directives) below(margin string) []string {
	var out []string
	inner := ""
	for at := d.at; at < len(d.lines); at++ {
		l := d.lines[at]
		if l.broken {
			d.at = at + 1
			continue
		}
		if l.text == "" {
			if inner != "" {
				out = append(out, "")
			}
			continue
		}
		if !strings.HasPrefix(l.margin, margin) || l.margin == margin {
			break
		}
		if inner == "" {
			inner = l.margin
		}
		if body, ok := strings.CutPrefix(l.raw, inner); ok {
			out = append(out, body)
		} else {
			d.fault(l.n, "the line is indented less than the first one of its block", "indent it as far as that")
		}
		d.at = at + 1
	}
	for len(out) > 0 && out[len(out)-1] == "" { // blank lines after the block belong to nobody
		out = out[:len(out)-1]
	}
	return out
}

// once reports whether something stands for the first time.
func (d *directives) once(n int, what string) bool {
	if before := d.seen[what]; before > 0 {
		d.fault(n, what+" stands in line "+itoa(before)+" already", "keep one of the two")
		return false
	}
	d.seen[what] = n
	return true
}

func (d *directives) directive(l line, below []string) {
	word, rest, _ := strings.Cut(l.text, " ")
	rest = strings.TrimLeftFunc(rest, blank)
	if !slices.Contains(d.words, word) {
		known := strings.Join(d.words[:len(d.words)-1], ", ") + " or " + d.words[len(d.words)-1]
		d.fault(l.n, fmt.Sprintf("%q says nothing below %s", clip(word), d.where), "use "+known+meant(word, d.words))
		return
	}
	takes := false // whether it can have a block
	var what, remedy string
	switch word {
	case "title":
		if d.once(l.n, "title") {
			if d.item.Title, what, remedy = text("title", rest); strings.ContainsFunc(d.item.Title, control) {
				what, remedy = "title: a control character", "write the title on one line"
			}
		}
	case "timeout":
		if d.once(l.n, "timeout") {
			d.item.Timeout, what, remedy = duration("timeout", rest, longestTimeout)
		}
	case "until":
		if d.once(l.n, "until") {
			what, remedy = d.until(rest)
		}
	case "send":
		takes = strings.HasPrefix(rest, "body") || strings.HasPrefix(rest, "json") || strings.HasPrefix(rest, "form")
		what, remedy = d.send(l.n, rest, below)
	case "expect":
		takes = strings.HasPrefix(rest, "body") || strings.HasPrefix(rest, "json")
		what, remedy = d.expect(l.n, rest, below)
	case "keep":
		what, remedy = d.keep(rest)
	case "allow":
		what, remedy = d.allow(rest)
	}
	if what != "" {
		d.fault(l.n, what, remedy)
		return
	}
	if len(below) > 0 && !takes {
		d.fault(l.n, "a block below "+word+", which takes none", "write it on the line, or indent it like the line")
	}
}

func duration(word, text string, most time.Duration) (time.Duration, string, string) {
	t, err := time.ParseDuration(text)
	if err != nil || t <= 0 || t > most {
		return 0, fmt.Sprintf("%s %q is no duration up to %s", word, clip(text), most), "write a number with its unit, such as 500ms, 5s or 2m"
	}
	return t, "", ""
}

func (d *directives) until(rest string) (what, remedy string) {
	first, every, pause := strings.Cut(rest, " every ")
	if d.item.Until, what, remedy = duration("until", strings.TrimFunc(first, blank), longestUntil); what != "" || !pause {
		return what, remedy
	}
	d.item.Every, what, remedy = duration("every", strings.TrimFunc(every, blank), d.item.Until)
	return what, remedy
}

func (d *directives) send(n int, rest string, below []string) (what, remedy string) {
	const shape = "write send header NAME: VALUE, send user NAME:PASSWORD, send body, send json, send form or send websocket"
	word, rest, _ := strings.Cut(rest, " ")
	rest = strings.TrimLeftFunc(rest, blank)
	r := &d.item.Request
	if d.where == "defaults" && word != "header" && word != "user" {
		return "send " + clip(word) + " is no default", "write send header NAME: VALUE or send user NAME:PASSWORD"
	}
	switch word {
	case "header":
		name, after := headerName(rest)
		value, ok := strings.CutPrefix(after, ":")
		if name == "" || !ok {
			return "send header: NAME: VALUE is wanted", "write such as send header Accept: text/html"
		}
		value = strings.TrimFunc(value, blank)
		switch {
		case name == "Content-Length" || name == "Transfer-Encoding" || name == "X-Lift-Request":
			return "send header " + name + ": lift sets it itself", "take the line away"
		}
		d.refs(n, value)
		r.Headers = append(r.Headers, Header{name, value})
	case "user":
		if !d.once(n, "send user") {
			return "", ""
		}
		u := readText(rest)
		if name, _, ok := strings.Cut(u, ":"); !ok || name == "" {
			return "send user: NAME:PASSWORD is wanted", "write such as send user check:${env:PASSWORD}"
		}
		d.refs(n, u)
		r.User = u
	case "websocket":
		if rest != "" {
			return "send websocket: nothing follows it", "take " + clip(rest) + " away"
		}
		r.WebSocket = true
	case "body", "json", "form":
		if !d.once(n, "the body") {
			return "", ""
		}
		b := Body{Form: Form(word)}
		switch b.Form {
		case Text:
			b.Text, what, remedy = exactly("send body", rest, below)
		case JSON:
			b.Text, what, remedy = jsonText("send json", rest, below)
		case Fields:
			b.Fields, what, remedy = fields(rest, below)
		}
		if what == "" {
			d.refs(n, b.Text)
			for _, f := range b.Fields {
				d.refs(n, f.Value)
			}
		}
		r.Body = &b
	default:
		return fmt.Sprintf("send %q is unknown", clip(word)), shape + meant(word, []string{"header", "user", "body", "json", "form", "websocket"})
	}
	return what, remedy
}

// text reads the rest of a line that must not be empty.
func text(word, rest string) (string, string, string) {
	t := readText(rest)
	if t == "" {
		return "", word + ": the text is missing", "write " + word + " TEXT"
	}
	return t, "", ""
}

// exactly reads a text in quotes, or as a block of which each line has its end.
func exactly(word, rest string, below []string) (text, what, remedy string) {
	const shape = `write it in quotes, such as "ok\n", or as a block of lines below`
	switch {
	case rest != "" && len(below) > 0:
		return "", word + ": a text on the line and a block below it", "keep one of the two"
	case len(below) > 0:
		return strings.Join(below, "\n") + "\n", "", ""
	case !strings.HasPrefix(rest, `"`):
		return "", word + ": the text is missing", shape
	}
	text, err := strconv.Unquote(rest)
	if err != nil {
		return "", word + ": a text in quotes ends with one, and what stands between follows the rules of Go", shape
	}
	return text, "", ""
}

// jsonText reads JSON on the line or as a block.
func jsonText(word, rest string, below []string) (text, what, remedy string) {
	if rest != "" && len(below) > 0 {
		return "", word + ": JSON on the line and a block below it", "keep one of the two"
	}
	if rest == "" {
		for i := range below {
			below[i] = strings.TrimRightFunc(below[i], blank)
		}
		rest = strings.TrimSpace(strings.Join(below, "\n"))
	}
	rest = strings.TrimSpace(rest)
	if rest == "" {
		return "", word + ": the JSON is missing", "write it on the line, or as a block below"
	}
	if err := checkJSON(rest); err != nil {
		return "", word + ": " + err.Error(), "mend the JSON"
	}
	return rest, "", ""
}

// fields reads the fields of a form, one a line.
func fields(rest string, below []string) (out []Field, what, remedy string) {
	const shape = "write NAME=VALUE, one a line"
	if rest != "" {
		if len(below) > 0 {
			return nil, "send form: a field on the line and a block below it", "keep one of the two"
		}
		below = []string{rest}
	}
	for _, l := range below {
		l = strings.TrimFunc(l, blank)
		if l == "" {
			continue
		}
		f := Field{}
		rest := ""
		ok := false
		if f.Name, rest, ok = cutDelimited(l, "="); !ok || !strings.HasPrefix(rest, "=") || f.Name == "" {
			return nil, fmt.Sprintf("send form: %q is no field", clip(l)), shape
		}
		f.Value = readText(rest[1:])
		out = append(out, f)
	}
	if len(out) == 0 {
		return nil, "send form: the fields are missing", shape
	}
	return out, "", ""
}

func (d *directives) expect(n int, rest string, below []string) (what, remedy string) {
	const shape = "write expect 200, expect 2xx, expect no answer, expect header, expect no header, expect body or expect json"
	const stepShape = "write expect exit CODE, expect output contains TEXT or expect output ~ PATTERN"
	e := &d.item.Expect
	word, tail, _ := strings.Cut(rest, " ")
	tail = strings.TrimLeftFunc(tail, blank)
	if d.item.Do != "" {
		switch {
		case d.item.Do != RunOnce:
			return "expect says nothing about " + string(d.item.Do), "take the line away"
		case word == "exit":
			var code int
			if _, err := fmt.Sscanf(tail, "%d", &code); err != nil || itoa(code) != tail || code < 0 || code > 255 {
				return fmt.Sprintf("expect exit %q is no exit status", clip(tail)), "write a number from 0 to 255"
			}
			if d.once(n, "expect exit") {
				e.Exit = &code
			}
			return "", ""
		case word == "output":
			w, what, remedy := want("expect output", tail, nil, stepShape)
			if what == "" && w.Op == Is {
				return "expect output: contains TEXT or ~ PATTERN is wanted", stepShape
			}
			if what == "" {
				d.refs(n, w.Text)
			}
			e.Output = append(e.Output, w)
			return what, remedy
		}
		return fmt.Sprintf("expect %q is unknown below run", clip(word)), stepShape
	}
	switch {
	case status(rest):
		if d.once(n, "the status") {
			e.Status = rest
		}
	case rest == "no answer":
		if d.once(n, "no answer") {
			e.NoAnswer = true
		}
	case word == "no" && strings.HasPrefix(tail, "header "):
		name, after := headerName(strings.TrimLeftFunc(strings.TrimPrefix(tail, "header "), blank))
		if name == "" || after != "" {
			return "expect no header: one name is wanted", "write expect no header NAME"
		}
		e.Headers = append(e.Headers, WantHeader{Name: name, Op: Absent})
	case word == "header":
		h, what, remedy := wantHeader(tail)
		if what != "" {
			return what, remedy
		}
		d.refs(n, h.Value)
		e.Headers = append(e.Headers, h)
	case word == "body":
		w, what, remedy := want("expect body", tail, below, shape)
		if what != "" {
			return what, remedy
		}
		d.refs(n, w.Text)
		e.Body = append(e.Body, w)
	case word == "json":
		w := Want{Op: IsJSON}
		word := "expect json"
		if after, ok := strings.CutPrefix(tail, "contains"); ok && (after == "" || blank(rune(after[0]))) {
			w.Op, word, tail = ContainsJSON, "expect json contains", strings.TrimLeftFunc(after, blank)
		}
		if w.Text, what, remedy = jsonText(word, tail, below); what != "" {
			return what, remedy
		}
		d.refs(n, w.Text)
		e.Body = append(e.Body, w)
	default:
		return fmt.Sprintf("expect %q is unknown", clip(rest)), shape + meant(word, []string{"header", "body", "json"})
	}
	return "", ""
}

// status reports whether a text is a status, or a class of them.
func status(text string) bool {
	if len(text) != 3 || text[0] < '1' || text[0] > '5' {
		return false
	}
	digit := func(c byte) bool { return c >= '0' && c <= '9' }
	return text[1:] == "xx" || digit(text[1]) && digit(text[2])
}

// want reads what a body or an output must be.
func want(word, rest string, below []string, shape string) (w Want, what, remedy string) {
	op, tail, _ := strings.Cut(rest, " ")
	switch Op(op) {
	case Contains, Fits:
		if len(below) > 0 {
			return w, word + " " + op + ": a block below it", "write it on the line; in quotes, if it has several lines"
		}
		w.Op = Op(op)
		if w.Text, what, remedy = text(word+" "+op, strings.TrimLeftFunc(tail, blank)); what != "" {
			return w, what, remedy
		}
		if w.Op == Fits {
			what, remedy = checkPattern(word, w.Text)
		}
		return w, what, remedy
	}
	w.Text, what, remedy = exactly(word, rest, below)
	if what != "" && rest != "" && len(below) == 0 && rest[0] != '"' {
		return w, fmt.Sprintf("%s: %q is neither contains, ~ nor in quotes", word, clip(op)), shape
	}
	return w, what, remedy
}

func checkPattern(word, pattern string) (what, remedy string) {
	_, err := lookup(func(reference) (kept, error) { return kept{text: "x"}, nil }).pattern(pattern)
	if err != nil {
		return word + ": " + patternFault(err), "write a regular expression of Go"
	}
	return "", ""
}

func wantHeader(rest string) (h WantHeader, what, remedy string) {
	const shape = "write expect header NAME: VALUE, or expect header NAME ~ PATTERN"
	name, after := headerName(rest)
	if name == "" {
		return h, "expect header: the name is missing", shape
	}
	h.Name = name
	after = strings.TrimLeftFunc(after, blank)
	switch {
	case strings.HasPrefix(after, ":"):
		h.Value = strings.TrimLeftFunc(after[1:], blank)
	case strings.HasPrefix(after, "~"):
		h.Op = Fits
		if h.Value, what, remedy = text("expect header "+name+" ~", strings.TrimLeftFunc(after[1:], blank)); what == "" {
			what, remedy = checkPattern("expect header "+name, h.Value)
		}
	default:
		return h, "expect header " + name + ": a value is wanted", shape
	}
	return h, what, remedy
}

func (d *directives) keep(rest string) (what, remedy string) {
	const shape = "write keep NAME = json PATH, keep NAME = header NAME, keep NAME = cookie NAME, or keep NAME = body ~ PATTERN"
	name, source, ok := strings.Cut(rest, "=")
	k := Keep{Name: strings.TrimFunc(name, blank)}
	source = strings.TrimFunc(source, blank)
	if !ok || !variable(k.Name) {
		return fmt.Sprintf("keep: %q is no name of a variable", clip(k.Name)), shape
	}
	from, what1, _ := strings.Cut(source, " ")
	what1 = strings.TrimLeftFunc(what1, blank)
	k.From = from
	pattern := func(tail string) error {
		if tail == "" {
			return nil
		}
		p, ok := strings.CutPrefix(tail, "~")
		if !ok {
			return fmt.Errorf("%q follows", clip(tail))
		}
		p = readText(strings.TrimLeftFunc(p, blank))
		if p == "" {
			return errors.New("the pattern is missing")
		}
		if _, err := compile(p); err != nil {
			return errors.New(patternFault(err))
		}
		k.Pattern = p
		return nil
	}
	var err error
	switch from {
	case "json":
		p, after, e := parsePath(what1)
		switch {
		case e != nil:
			err = e
		case after != "":
			err = fmt.Errorf("%q follows the path", clip(after))
		case slices.ContainsFunc(p, func(s segment) bool { return s.all }):
			err = errors.New("the path leads to several values")
		}
		k.What = p.String()
	case "header", "cookie":
		n, after := what1, ""
		if from == "header" {
			n, after = headerName(what1)
			err = pattern(strings.TrimLeftFunc(after, blank))
		}
		if n == "" || strings.ContainsFunc(n, func(r rune) bool { return r > 0x7e || !token(byte(r)) }) {
			err = errors.New("the name is missing")
		}
		k.What = n
	case "body":
		if err = pattern(what1); err == nil && k.Pattern == "" {
			err = errors.New("the pattern is missing")
		}
	default:
		return fmt.Sprintf("keep %s: %q is no part of an answer", k.Name, clip(from)), shape
	}
	if err != nil {
		return "keep " + k.Name + ": " + err.Error(), shape
	}
	d.item.Keep = append(d.item.Keep, k)
	return "", ""
}

func (d *directives) allow(rest string) (what, remedy string) {
	var a Allow
	if tiers, ok := strings.CutPrefix(rest, "on "); ok {
		list, place, _ := strings.Cut(strings.TrimLeftFunc(tiers, blank), " ")
		for t := range strings.SplitSeq(list, ",") {
			if strings.Trim(t, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" || t == "" {
				return "allow on: a tier is wanted", "write allow on docker,kubernetes PLACE: REASON"
			}
			a.Tiers = append(a.Tiers, t)
		}
		rest = strings.TrimLeftFunc(place, blank)
	}
	p, after, what, remedy := parsePlace(rest)
	if what != "" {
		return what, remedy
	}
	reason, ok := strings.CutPrefix(strings.TrimLeftFunc(after, blank), ":")
	reason = strings.TrimFunc(reason, blank)
	if !ok || reason == "" {
		return "allow " + p.String() + ": the reason is missing", "write allow PLACE: REASON, and say why the difference is well"
	}
	a.Place, a.Reason = p, reason
	d.item.Allow = append(d.item.Allow, a)
	return "", ""
}
