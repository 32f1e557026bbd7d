package language

import (
	"cmp"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// maxScanned bounds the bytes of code looked at for one program.
const maxScanned = 8 << 20

// Scan looks into the code of the program and fills Port, Health, Spawns, Env
// and what else is found there. It begins with the file that Main names and
// follows its imports; where that is not certain to find all (no main file,
// modules loaded by computed names, frameworks that load by convention) it
// goes on with the other files of the program. Set Main.Value to
// Candidate.Script first if the machine runs another file than the tree
// suggests.
func (p *Program) Scan(fsys fs.FS, paths []string) {
	s := &scan{tree: newTree(fsys, paths), dir: p.Dir, main: p.Main.Value, framework: p.Framework.Value}
	switch p.Language.Value {
	case "node":
		s.node()
	case "python":
		s.python(p.App)
		if strings.HasPrefix(p.Start.Value, "gunicorn ") {
			s.spawns = append(s.spawns, Fact{"gunicorn workers", p.Start.File, p.Start.Line, "gunicorn runs the program in processes of its own"})
		}
	case "go":
		s.golang()
	}
	p.Port = s.ports(p)
	p.Health = s.healthRoutes()
	p.Spawns = unique(s.spawns)
	p.Env = unique(s.env)
	slices.SortStableFunc(p.Env, func(a, b Fact) int { return strings.Compare(a.Value, b.Value) })
	p.Cgo, p.Assets, p.Texts, p.Bound, p.Open, p.Risks = s.cgo, s.assets, s.texts, unique(s.bound), unique(s.open), s.risks
}

// scan gathers facts about one program; files are visited in the order in
// which they are imported.
type scan struct {
	*tree
	dir, main, framework string

	port, spawns, env []Fact
	bound, open       []Fact
	health            []route
	cgo               Fact
	assets            []string
	serves            []Fact // calls that listen where the framework says
	texts             []Text
	risks             []Finding
	trapped           map[string]bool // file and trap
}

// route is a literal that looks like a health endpoint.
type route struct {
	Fact
	rank int // 0: given to a router; 1: compared with; 2: a mere literal
}

// source is a file of code with its tokens.
type source struct {
	file string
	toks []token
}

// load reads the files that begin with entry and what they import, then, if
// all is set or the imports are not the whole story, the other files.
func (s *scan) load(entry []string, all bool, rest func() []string, tokens func(string) []token, imports func(source) ([]string, bool)) []source {
	var out []source
	seen := map[string]bool{}
	total := 0
	add := func(file string) bool {
		if seen[file] {
			return false
		}
		seen[file] = true
		if len(out) >= maxSources || total >= maxScanned {
			return false
		}
		data, err := s.read(file)
		if err != nil || slices.Contains(data[:min(len(data), 512)], 0) {
			return false // unreadable or no text
		}
		total += len(data)
		out = append(out, source{file, tokens(string(data))})
		s.boundAt(out[len(out)-1])
		s.traps(data, file)
		for _, t := range out[len(out)-1].toks {
			if t.kind == text || t.kind == piece {
				s.local(data, file, t.text, t.line)
			}
		}
		return true
	}
	for _, f := range entry {
		add(f)
	}
	all = all || len(out) == 0
	for i := 0; i < len(out); i++ {
		next, dynamic := imports(out[i])
		all = all || dynamic
		for _, f := range next {
			add(f)
		}
	}
	if all {
		for _, f := range rest() {
			add(f)
		}
	}
	return out
}

// sources lists the code files of the program's directory, without those of
// programs below it.
func (s *scan) sources(is func(base string) bool, build ...string) []string {
	in := s.under(s.dir)
	var nested []string
	for _, p := range in {
		dir, base := split(p)
		if dir != s.dir && slices.Contains(build, base) {
			nested = append(nested, dir)
		}
	}
	slices.Sort(nested)
	var out []string
	for _, p := range in {
		dir, base := split(p)
		if !is(base) || skipped(relative(dir, s.dir)) {
			continue
		}
		if _, ok := slices.BinarySearch(nested, dir); ok || coveredBy(dir, nested) {
			continue
		}
		if out = append(out, p); len(out) == maxSources {
			break
		}
	}
	// Shallow files first: if there are too many, the deep ones go.
	slices.SortStableFunc(out, func(a, b string) int { return cmp.Compare(strings.Count(a, "/"), strings.Count(b, "/")) })
	return out
}

// local notes a string of the code that speaks of the machine itself, with the line that it begins in.
func (s *scan) local(data []byte, file, value string, line int) {
	if !strings.Contains(value, "localhost") && !strings.Contains(value, "127.") && !strings.Contains(value, "::1") && !strings.Contains(value, "loopback") {
		return
	}
	n := 0
	for whole := range strings.Lines(string(data)) {
		if n++; n == line {
			s.texts = append(s.texts, Text{value, file, line, strings.TrimSpace(whole)})
			return
		}
	}
}

func unique(facts []Fact) []Fact {
	var out []Fact
	seen := map[string]bool{}
	for _, f := range facts {
		if !seen[f.Value] {
			seen[f.Value] = true
			out = append(out, f)
		}
	}
	return out
}

func (s *scan) addPort(value, file string, line int, why string) {
	s.port = append(s.port, Fact{value, file, line, why})
}

func (s *scan) addEnv(name, file string, line int, why string) {
	if name != "" && len(name) < 256 && spanIdent(name) == len(name) && !digit(name[0]) {
		s.env = append(s.env, Fact{name, file, line, why})
	}
}

// ports are the literal ones, then the default of the framework.
func (s *scan) ports(p *Program) []Fact {
	out := unique(s.port)
	if f, ok := defaultPort(p, s.serves); ok {
		out = unique(append(out, f))
	}
	return out
}

// defaultPort is where a framework or a server listens if nobody says where.
func defaultPort(p *Program, serves []Fact) (Fact, bool) {
	f := Fact{File: p.Framework.File, Line: p.Framework.Line}
	first, _, _ := strings.Cut(p.Start.Value, " ") // what the command itself says of servers counts more: see listener
	switch {
	case len(serves) > 0:
		return serves[0], true
	case first == "gunicorn" || first == "uvicorn" || first == "hypercorn" || first == "granian":
		return Fact{"8000", p.Start.File, p.Start.Line, "default of " + first}, true
	case first == "waitress-serve":
		return Fact{"8080", p.Start.File, p.Start.Line, "default of waitress"}, true
	}
	switch p.Framework.Value {
	case "next", "nuxt", "remix", "sveltekit":
		f.Value = "3000"
	case "astro":
		f.Value = "4321"
	case "strapi":
		f.Value = "1337"
	case "adonis":
		f.Value = "3333"
	case "django", "fastapi":
		f.Value = "8000"
	case "streamlit":
		f.Value = "8501"
	default:
		return f, false
	}
	f.Why = "default of " + p.Framework.Value
	return f, true
}

// healthNames are the last elements of paths that tell of health, best first.
var healthNames = []string{
	"healthz", "health", "readyz", "ready", "readiness", "livez", "live", "liveness", "healthcheck", "health-check", "health_check",
	"healthy", "ping", "status", "up", "heartbeat", "alive",
}

// healthPath returns the path of a health endpoint that s is, without the
// method and the slash at the end that patterns may carry.
func healthPath(s string) (string, bool) {
	if method, p, ok := strings.Cut(s, " "); ok && (method == "GET" || method == "HEAD") {
		s = strings.TrimSpace(p)
	}
	s = strings.TrimSuffix(s, "{$}")
	trimmed := strings.TrimRight(s, "/")
	if len(s) > 64 || len(s) == 0 || s[0] != '/' || strings.Count(trimmed, "/") > 4 || strings.ContainsAny(s, " :*{}<>?&=%$()\\") {
		return "", false
	}
	_, base := split(trimmed)
	return s, slices.Contains(healthNames, strings.ToLower(base))
}

func (s *scan) addHealth(p, file string, line, rank int, why string) {
	s.health = append(s.health, route{Fact{p, file, line, why}, rank})
}

func (s *scan) healthRoutes() []Fact {
	name := func(r route) int {
		_, base := split(strings.TrimRight(r.Value, "/"))
		return slices.Index(healthNames, strings.ToLower(base))
	}
	slices.SortStableFunc(s.health, func(a, b route) int {
		return cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(name(a), name(b)), cmp.Compare(strings.Count(a.Value, "/"), strings.Count(b.Value, "/")))
	})
	var out []Fact
	for _, r := range s.health {
		out = append(out, r.Fact)
	}
	return unique(out)
}

// portOf returns the port in "8080", ":8080", "127.0.0.1:8080" or
// "tcp://0.0.0.0:8080".
func portOf(s string) (string, bool) {
	s = strings.ReplaceAll(s, "_", "")
	if _, after, ok := strings.Cut(s, "://"); ok {
		s = strings.TrimSuffix(after, "/")
	}
	if host, p, ok := cutLast(s, ":"); ok {
		if strings.ContainsAny(host, " /@,;=") {
			return "", false
		}
		s = p
	}
	if len(s) == 0 || len(s) > 5 || s[0] == '0' {
		return "", false
	}
	n := 0
	for i := range len(s) {
		if !digit(s[i]) {
			return "", false
		}
		n = n*10 + int(s[i]-'0')
	}
	return s, n <= 65535
}

// bindName reports whether the name of a flag, a variable or an option says
// where a program listens: PORT, listen-addr, HTTP_PORT; not DB_PORT, whose
// program connects to it.
func bindName(name string) bool {
	elems := strings.FieldsFunc(strings.ToLower(name), func(c rune) bool { return c == '-' || c == '_' || c == '.' })
	if len(elems) == 0 {
		return false
	}
	for _, e := range elems {
		if e == "listen" || e == "bind" {
			return true
		}
	}
	switch elems[len(elems)-1] {
	case "port", "addr", "address", "listenaddr", "listenaddress", "bindaddr":
	case "http", "https":
		return len(elems) == 1
	default:
		return false
	}
	for _, e := range elems[:len(elems)-1] {
		switch e {
		case "http", "https", "web", "server", "service", "srv", "app", "application", "api", "grpc", "admin", "metrics", "health", "public", "internal", "local", "my":
		default:
			return false
		}
	}
	return true
}

// literalPort returns the port that a literal token holds.
func literalPort(t token) (string, bool) {
	if t.kind != number && t.kind != text {
		return "", false
	}
	return portOf(t.text)
}

func quoted(t token) string {
	if t.kind == text {
		return fmt.Sprintf("%q", t.text)
	}
	return t.text
}

// at returns token i, or an empty one beyond the ends.
func at(toks []token, i int) token {
	if i < 0 || i >= len(toks) {
		return token{}
	}
	return toks[i]
}

// closing returns the index of the bracket that closes the one at i, within a
// bounded distance.
func closing(toks []token, i int) int {
	depth := 0
	for j := i; j < len(toks) && j < i+400; j++ {
		if toks[j].kind != punct {
			continue
		}
		switch toks[j].text {
		case "(", "[", "{", "`{":
			depth++
		case ")", "]", "}", "}`":
			if depth--; depth <= 0 {
				return j
			}
		}
	}
	return min(len(toks), i+400)
}

// arguments splits the tokens between the bracket at i and its end at commas.
func arguments(toks []token, i int) [][]token {
	end := closing(toks, i)
	var out [][]token
	depth, from := 0, i+1
	for j := i + 1; j < end; j++ {
		if toks[j].kind != punct {
			continue
		}
		switch toks[j].text {
		case "(", "[", "{", "`{":
			depth++
		case ")", "]", "}", "}`":
			depth--
		case ",":
			if depth == 0 {
				out = append(out, toks[from:j])
				from = j + 1
			}
		}
	}
	if from < end && from < len(toks) {
		out = append(out, toks[from:end])
	}
	return out
}

// scripted returns the main file if it exists in the tree.
func (s *scan) scripted() []string {
	if s.main == "" {
		return nil
	}
	if f := path.Join(s.dir, s.main); s.has(f) {
		return []string{f}
	}
	return nil
}
