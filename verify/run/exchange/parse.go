package exchange

import (
	"fmt"
	"io/fs"
	slash "path"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/deploylift/lift/internal/nearest"
)

// Suffix is how the names of files of exchanges end.
const Suffix = ".exchange"

// largest is how long a file may be. Longer ones are no files that a person has written.
const largest = 1 << 20

// Load reads all files of exchanges of a folder, by their names. dir is how messages call the folder. A file with faults is not among the result.
func Load(fsys fs.FS, dir string) ([]File, []Fault, error) {
	names, err := fs.Glob(fsys, "*"+Suffix)
	if err != nil {
		return nil, nil, err
	}
	var files []File
	var faults []Fault
	for _, n := range names {
		data, err := fs.ReadFile(fsys, n)
		if err != nil {
			return nil, nil, err
		}
		f, bad := Parse(slash.Join(dir, n), string(data))
		if len(bad) == 0 {
			files = append(files, f)
		}
		faults = append(faults, bad...)
	}
	return files, faults, nil
}

// Parse reads a file of exchanges. All of its faults come at once, by line; with any the file is of no use.
func Parse(name, text string) (File, []Fault) {
	p := parser{file: File{Name: name}}
	if len(text) > largest {
		p.fault(0, fmt.Sprintf("is longer than %d bytes", largest), "put each route in a file of its own")
		return p.file, p.faults
	}
	text = strings.TrimPrefix(text, "\ufeff")
	for i, l := range strings.Split(text, "\n") {
		l = strings.TrimSuffix(l, "\r")
		rest := strings.TrimLeftFunc(l, blank)
		p.lines = append(p.lines, line{n: i + 1, raw: l, margin: l[:len(l)-len(rest)], text: strings.TrimRightFunc(rest, blank)})
		if bad := strings.IndexFunc(l, control); bad >= 0 {
			what := "a control character"
			if r, size := utf8.DecodeRuneInString(l[bad:]); r == utf8.RuneError && size <= 1 {
				what = "a byte that is not UTF-8"
			}
			p.fault(i+1, what, `write it in quotes, as "\x00" is`)
			p.lines[i].text, p.lines[i].broken = "", true
		}
	}
	p.top()
	slices.SortStableFunc(p.faults, func(a, b Fault) int { return a.Line - b.Line })
	return p.file, p.faults
}

type line struct {
	n      int
	raw    string
	margin string // the blanks before the text
	text   string // without the blanks around it
	broken bool   // a fault has been told already
}

type parser struct {
	file   File
	lines  []line
	at     int
	kept   []string // names of what the items before keep
	faults []Fault
}

func (p *parser) fault(n int, what, remedy string) {
	p.faults = append(p.faults, Fault{File: p.file.Name, Line: n, What: what, Remedy: remedy})
}

// top reads the lines at the left margin.
func (p *parser) top() {
	var comment []string
	first := true // nothing but the first group of comments has been seen
	for p.at < len(p.lines) {
		l := p.lines[p.at]
		switch {
		case l.broken:
			p.at++
		case l.text == "":
			if first && len(comment) > 0 {
				p.file.Comment, comment, first = comment, nil, false
			}
			p.at++
		case l.text[0] == '#':
			comment = append(comment, said(l.text))
			p.at++
		case l.margin != "":
			p.fault(l.n, "an indented line belongs to a line at the left margin, and there is none above it", "begin with a request, such as GET http://shop.example/")
			for p.at < len(p.lines) && (p.lines[p.at].margin != "" || p.lines[p.at].text == "") {
				p.at++
			}
		default:
			first = false
			p.at++
			p.item(l, comment)
			comment = nil
		}
	}
	switch {
	case first && len(comment) > 0:
		p.file.Comment = comment
	default:
		p.file.End = comment
	}
}

// said is what a comment says.
func said(text string) string {
	return strings.TrimPrefix(strings.TrimPrefix(text, "#"), " ")
}

// item reads a line at the margin and what is indented below it.
func (p *parser) item(l line, comment []string) {
	word, rest, _ := strings.Cut(l.text, " ")
	rest = strings.TrimLeftFunc(rest, blank)
	it := Item{Line: l.n, Comment: comment}
	if word == "defaults" {
		p.defaults(l, rest, comment)
		return
	}
	switch verb := Verb(word); verb {
	case Restart, Stop, Begin, RunOnce:
		it.Do, it.Workload = verb, rest
		if !workloadName(rest) {
			p.fault(l.n, word+": one workload is wanted", "write "+word+" WORKLOAD")
		}
	default:
		if !method(word) {
			known := []string{"defaults", "restart", "stop", "begin", "run", "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
			p.fault(l.n, fmt.Sprintf("%q says nothing here", clip(word)), "a line at the left margin is a request (GET ADDRESS), restart, stop, begin or run WORKLOAD, defaults, or a comment after #; what belongs to the line above is indented"+meant(word, known))
			p.skip()
			return
		}
		it.Request.Method = word
		it.Request.Address = p.address(l.n, rest)
	}
	d := directives{parser: p, item: &it, seen: map[string]int{}}
	if it.Do != "" {
		d.where, d.words = "a step", []string{"title", "expect"}
		if it.Do == RunOnce {
			d.words = append(d.words, "timeout", "allow")
		}
	} else {
		d.where, d.words = "a request", []string{"title", "timeout", "until", "send", "expect", "keep", "allow"}
	}
	d.block()
	if it.Until > 0 && it.Expect.empty() {
		p.fault(l.n, "until waits for what is expected, and nothing is", "say with expect what it waits for")
	}
	if it.Expect.NoAnswer && (it.Expect.Status != "" || len(it.Expect.Headers)+len(it.Expect.Body)+len(it.Keep) > 0) {
		p.fault(l.n, "no answer is expected, and yet something of it", "keep one of the two")
	}
	for _, k := range it.Keep {
		p.kept = append(p.kept, k.Name)
	}
	p.file.Items = append(p.file.Items, it)
}

// skip passes over what belongs to a line that is not understood.
func (p *parser) skip() {
	for p.at < len(p.lines) && (p.lines[p.at].margin != "" || p.lines[p.at].text == "") {
		p.at++
	}
}

// defaults reads what holds for all of the file.
func (p *parser) defaults(l line, rest string, comment []string) {
	switch {
	case rest != "":
		p.fault(l.n, "defaults: nothing follows the word", "indent what holds for the file below it")
	case p.file.Defaults.Line > 0:
		p.fault(l.n, "defaults stand in line "+itoa(p.file.Defaults.Line)+" already", "put them together")
	case len(p.file.Items) > 0:
		p.fault(l.n, "defaults come after a request", "put them before the first one: they hold for all of the file")
	}
	it := Item{Line: l.n, Comment: comment}
	d := directives{parser: p, item: &it, seen: map[string]int{}, where: "defaults", words: []string{"timeout", "send", "allow"}}
	d.block()
	p.file.Defaults = Defaults{Line: l.n, Comment: it.Comment, Timeout: it.Timeout, Headers: it.Request.Headers, User: it.Request.User, Allow: it.Allow}
	if !p.file.Defaults.given() {
		p.fault(l.n, "defaults without any", "indent what holds for the file below it, or take the line away")
	}
}

// method reports whether a word is written as a method is.
func method(word string) bool {
	for _, c := range []byte(word) {
		if c < 'A' || c > 'Z' {
			return false
		}
	}
	return len(word) >= 3 && len(word) <= 20 && word != "CONNECT"
}

// address reads where a request goes.
func (p *parser) address(n int, text string) Address {
	bad := func(what, remedy string) Address {
		p.fault(n, what, remedy)
		return Address{}
	}
	const shape = "write WORKLOAD:PORT/PATH for the program itself, published WORKLOAD:PORT/PATH, or http://HOST/PATH from outside"
	var a Address
	if text == "" {
		return bad("the address is missing", shape)
	}
	if rest, ok := strings.CutPrefix(text, "published "); ok {
		a.Way, text = Published, strings.TrimLeftFunc(rest, blank)
	}
	scheme, rest, outside := strings.Cut(text, "://")
	if outside {
		if a.Way == Published {
			return bad("published is about the port of a workload", "write published WORKLOAD:PORT/PATH")
		}
		if scheme != "http" && scheme != "https" {
			return bad(fmt.Sprintf("the scheme %q is neither http nor https", clip(scheme)), shape)
		}
		a.Way, a.Scheme = Outside, scheme
		a.Host, a.Path = splitPath(rest)
		a.Host = strings.ToLower(a.Host)
		if host, _, port := strings.Cut(a.Host, ":"); port {
			return bad("a host with a port", "write "+scheme+"://"+host+": each tier has its own port for it")
		}
		if !hostName(a.Host) {
			return bad(fmt.Sprintf("%q is no host", clip(a.Host)), shape)
		}
	} else {
		service, tail := splitPath(text)
		i := strings.LastIndexByte(service, ':')
		if i <= 0 {
			return bad("the port of the workload is missing", shape)
		}
		a.Workload, a.Path = service[:i], tail
		if !workloadName(a.Workload) {
			return bad(fmt.Sprintf("%q is no workload", clip(a.Workload)), shape)
		}
		if _, err := fmt.Sscanf(service[i+1:], "%d", &a.Port); err != nil || itoa(a.Port) != service[i+1:] || a.Port < 1 || a.Port > 65535 {
			return bad(fmt.Sprintf("%q is no port", clip(service[i+1:])), "write a number from 1 to 65535")
		}
	}
	if a.Path == "" {
		a.Path = "/"
	}
	p.refs(n, a.Path)
	if what := pathFault(a.Path); what != "" {
		return bad(what, "write it as it stands in a request: percent-encoded, without a fragment")
	}
	return a
}

// workloadName reports whether a text can be written as a workload.
func workloadName(name string) bool {
	return plain(name) && !strings.ContainsFunc(name, blank) && !strings.ContainsAny(name, `:/"`) && !strings.Contains(name, "${")
}

// splitPath takes an address apart where the path begins: with a slash, or with a variable that does.
func splitPath(text string) (before, path string) {
	i := strings.IndexByte(text, '/')
	if v := strings.Index(text, "${"); v >= 0 && (i < 0 || v < i) {
		i = v
	}
	if i < 0 {
		return text, ""
	}
	return text[:i], text[i:]
}

// pathFault says what is wrong with a path.
func pathFault(path string) string {
	for _, r := range path {
		if r <= ' ' || r >= 0x7f || r == '#' || r == '"' || r == '<' || r == '>' || r == '\\' {
			return fmt.Sprintf("the path has a %q", r)
		}
	}
	return ""
}

// hostName reports whether a text is written as the name of a host is, or as an IPv4 address.
func hostName(h string) bool {
	for _, c := range []byte(h) {
		if !(c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-' || c == '.' || c == '_') {
			return false
		}
	}
	return h != "" && len(h) <= 253 && h[0] != '.' && h[len(h)-1] != '.' && !strings.Contains(h, "..")
}

// refs checks that everything that a text refers to has been kept before.
func (p *parser) refs(n int, texts ...string) {
	for _, text := range texts {
		refs, err := references(text)
		if err != nil {
			p.fault(n, err.Error(), "write ${NAME} or ${env:NAME}, and $${ for what is meant as it stands")
		}
		for _, r := range refs {
			if _, _, env := r.environment(); env || slices.Contains(p.kept, string(r)) {
				continue
			}
			remedy := "keep it in an earlier exchange, or write ${env:NAME} for an environment variable"
			if m := nearest.Name(string(r), p.kept); m != "" {
				remedy = "did you mean ${" + m + "}?"
			}
			p.fault(n, "nothing called "+string(r)+" has been kept", remedy)
		}
	}
}
