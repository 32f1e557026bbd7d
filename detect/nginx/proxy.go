package nginx

import (
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/detect"
	"github.com/deploylift/lift/detect/internal/secret"
	"github.com/deploylift/lift/detect/nginx/conf"
	"github.com/deploylift/lift/internal/nearest"
	"github.com/deploylift/lift/ledger"
)

const (
	foreground   = "the program of a container runs in the foreground"
	moduleReason = "the image of nginx does not have this module"
	moduleRemedy = "build an image with it, and name it in the compose file"
)

type edits map[*conf.File][]conf.Edit

// proxy is one configuration on its way into the model.
type proxy struct {
	rec       *detect.Recorder
	tree      detect.Tree
	home      string // directory in the tree that is /etc/nginx
	w         deploy.Workload
	at        deploy.Path
	edits     edits
	upstreams map[string]bool
	taken     map[string]bool     // files that the main file takes in
	backends  map[string][]string // upstream → addresses that get its requests
	extras    []int               // settings that do something to the requests of all servers
	own       bool                // something holds for all servers that must happen in nginx
}

// level is a block on the way to a directive, innermost last.
type level struct {
	name    string
	file    *conf.File
	block   []conf.Directive
	listens bool

	server   *virtual  // that it is in
	location *location // that it is in
}

func (p *proxy) content() deploy.Path { return p.at.Join("files", mainFile, "content") }

func (p *proxy) read(picked []string) {
	f := p.load()
	first := ""
	for _, q := range picked {
		if home, _ := homeOf(q); home == p.home && first == "" {
			first = q
		}
	}
	p.rec.Place(p.at, ledger.Pos{File: first, Line: 1})
	p.taken, p.backends = map[string]bool{}, map[string][]string{}
	p.names(f, f.Directives)
	p.walk([]*level{{name: "main", file: f, block: f.Directives}})
	for _, q := range picked {
		if home, rest := homeOf(q); home == p.home && !p.taken[q] && rest != "nginx.conf" && !strings.HasPrefix(rest, "sites-available/") {
			p.rec.Find(ledger.Warning, ledger.Pos{File: q}, "is not read: nothing in nginx.conf includes it", "include it, or remove it")
		}
	}
	text := f.Render(p.edits)
	if !utf8.ValidString(text) {
		p.rec.Find(ledger.Error, ledger.Pos{File: first}, "the configuration is not UTF-8", "convert it: iconv -f latin1 -t utf8")
		text = strings.ToValidUTF8(text, "?")
	}
	p.w.Files = []deploy.File{{Path: mainFile, Content: deploy.Some(text)}}
	p.defaults()
}

// names collects the upstreams and the files that are taken in.
func (p *proxy) names(f *conf.File, list []conf.Directive) {
	p.taken[f.Path] = true
	for _, d := range list {
		if d.Text == "upstream" {
			p.upstreams[d.Arg(0)] = true
			for _, b := range d.Block {
				if b.Text == "server" && !slices.ContainsFunc(b.Args, func(w conf.Word) bool { return w.Text == "backup" || w.Text == "down" }) {
					p.backends[d.Arg(0)] = append(p.backends[d.Arg(0)], b.Arg(0))
				}
			}
		}
		if d.Text == "include" {
			for _, g := range f.Includes[d.Begin].Files {
				p.names(g, g.Directives)
			}
		}
		p.names(f, d.Block)
	}
}

// walk reads the directives of the innermost block.
func (p *proxy) walk(stack []*level) {
	l := stack[len(stack)-1]
	for _, d := range l.block {
		p.directive(stack, d)
	}
}

// one is a directive while it is read.
type one struct {
	*proxy
	conf.Directive
	file    *conf.File
	stack   []*level
	setting int
}

func (p *proxy) directive(stack []*level, d conf.Directive) {
	l := stack[len(stack)-1]
	words := make([]string, len(d.Args))
	for i, a := range d.Args {
		words[i] = conf.Quote(a.Text)
	}
	text := strings.Join(words, " ")
	o := one{p, d, l.file, stack, 0}
	if _, ok := packaged[l.file.Path]; ok {
		o.setting = p.rec.Implied(l.file.Path+" of the package", d.Text, text)
	} else {
		o.setting = p.rec.Setting(ledger.Pos{File: l.file.Path, Line: d.Line, Col: d.Col}, d.Text, deploy.Secret(text))
	}
	if o.secret() {
		o.hide()
		return
	}
	p.rec.Show(o.setting)
	o.read()
	o.traffic()
	if !d.HasBlock || d.Script || conf.Lists(d.Text) || !isKnown(d.Text) {
		return
	}
	in := &level{name: d.Text, file: l.file, block: d.Block}
	o.enter(in)
	p.walk(append(slices.Clip(stack), in))
	if in.server == nil || in.server == l.server {
		return
	}
	if !in.listens {
		implied := p.rec.Implied("nginx.org: listen", "listen", "*:80")
		p.port(implied, "*:80", nil, "http")
		in.server.listens = append(in.server.listens, listening{implied, "80", false})
	}
	p.routes(in.server)
}

// keep records that the directive stays in the configuration as it is.
func (o one) keep() { o.rec.Part(o.setting, o.content()) }

// edit replaces a word.
func (o one) edit(w conf.Word, text string) {
	o.edits[o.file] = append(o.edits[o.file], conf.Edit{Begin: w.Begin, End: w.End, Text: text})
}

// leaveOut takes the directive out of the configuration.
func (o one) leaveOut() {
	text := "# left out: " + o.Text
	if rest, _, _ := strings.Cut(o.file.Src[o.Stop:], "\n"); strings.TrimSpace(rest) != "" {
		text += "\n"
	}
	o.edits[o.file] = append(o.edits[o.file], conf.Edit{Begin: o.Begin, End: o.Stop, Text: text})
}

// lose takes the directive out with a warning.
func (o one) lose(reason, remedy string) {
	o.leaveOut()
	o.rec.Drop(o.setting, reason, remedy)
	o.rec.Find(ledger.Warning, o.rec.At(o.setting), o.Text+" dropped: "+reason, remedy)
}

// bearers are headers whose value is a secret.
var bearers = []string{"authorization", "proxy-authorization", "cookie"}

// secret reports whether an argument is a secret: a key or password that headers, parameters or conditions hold.
func (o one) secret() bool {
	plain := func(s string) bool { return strings.HasPrefix(s, "$") && !strings.ContainsAny(s, " ") || s == "" }
	for _, a := range o.Args {
		if secret.Holds(a.Text) {
			return true
		}
	}
	switch o.Text {
	case "secure_link_secret":
		return true
	case "proxy_set_header", "grpc_set_header", "add_header", "set", "fastcgi_param", "uwsgi_param", "scgi_param":
		name, value := strings.TrimPrefix(o.Arg(0), "$"), o.Arg(1)
		return !plain(value) && (secret.Looks(name, value) || o.Text != "add_header" && slices.Contains(bearers, strings.ToLower(name)) && value != "close")
	case "if":
		name := strings.TrimPrefix(strings.Trim(o.Arg(0), "("), "$")
		value := strings.TrimSuffix(o.Arg(2), ")")
		return len(o.Args) > 2 && !plain(value) && (secret.Looks(name, value) || slices.Contains(bearers, strings.TrimPrefix(name, "http_")))
	}
	return false
}

// hide keeps a secret out of the configuration.
func (o one) hide() {
	if o.HasBlock {
		o.rec.Find(ledger.Error, o.rec.At(o.setting), o.Text+" compares with a secret, which would stand in the configuration of the container for all to read",
			"let the program check it, or move the secret to a file beside the configuration that is not in the tree")
		o.rec.Drop(o.setting, "it holds a secret", "")
		return
	}
	o.lose("it holds a secret, which everybody could read who reads the configuration", "write the directive into a file of its own on the machine, mount it into the container and include it")
}

// read lets the directive say what it means beside standing in the configuration.
func (o one) read() {
	if !isKnown(o.Text) {
		remedy := "take it out, or build an image with the module that knows it"
		var all []string
		for name := range known {
			all = append(all, name)
		}
		slices.Sort(all)
		if near := nearest.Name(o.Text, all); near != "" {
			remedy = "did you mean " + near + "?"
		}
		o.lose("the modules of nginx itself know no such directive, and nginx would not start with it", remedy)
		return
	}
	switch o.Text {
	case "include":
		o.include()
	case "daemon":
		o.leaveOut()
		o.rec.Inert(o.setting, foreground)
	case "load_module":
		o.lose(moduleReason, moduleRemedy)
	case "user":
		o.user()
	case "access_log", "error_log":
		o.log()
	case "listen":
		o.stack[len(o.stack)-1].listens = true
		kind := "http"
		if slices.ContainsFunc(o.stack, func(l *level) bool { return l.name != "main" && l.name != "http" && l.name != "server" }) {
			kind = ""
		}
		o.keep()
		o.port(o.setting, o.Arg(0), o.Args, kind)
	case "server":
		o.keep()
		if !o.HasBlock && o.stack[len(o.stack)-1].name == "upstream" {
			o.call(o.Args)
		}
	case "proxy_pass", "grpc_pass", "fastcgi_pass", "uwsgi_pass", "scgi_pass", "memcached_pass":
		o.pass()
	case "root", "alias":
		o.keep()
		o.mount(o.Arg(0), true)
	case "allow", "deny", "set_real_ip_from":
		if a := o.Arg(0); strings.HasPrefix(a, "127.") || strings.HasPrefix(a, "::1") || a == "unix:" {
			o.rec.ApproximatePart(o.setting, "what comes from the machine itself has the address of the container network's gateway in a container, not "+a,
				"let other workloads or the network's addresses in instead", o.content())
			o.rec.Find(ledger.Warning, o.rec.At(o.setting), o.Text+" "+a+" speaks of the machine itself, which nothing in a container is", "name the addresses of the container network, or protect the path in another way")
			return
		}
		o.keep()
	default:
		o.keep()
		if isFile(o.Text) {
			o.mount(o.Arg(0), false)
		}
	}
}

// isFile reports whether a directive's argument is a file of the machine that nginx reads.
func isFile(name string) bool {
	switch name {
	case "auth_basic_user_file", "geoip_country", "geoip_city", "geoip_org":
		return true
	}
	if !strings.Contains(name, "ssl_") {
		return false
	}
	for _, end := range []string{"certificate", "certificate_key", "crl", "dhparam", "password_file", "ticket_key", "stapling_file"} {
		if strings.HasSuffix(name, end) {
			return true
		}
	}
	return false
}

func (o one) include() {
	in := o.file.Includes[o.Begin]
	switch {
	case in.Keep:
		o.keep()
		return
	case len(in.Files) == 0:
		o.rec.Inert(o.setting, "no file of the tree fits")
		return
	}
	o.rec.Inert(o.setting, "each directive of "+in.Files[0].Path+" is a setting of its own")
	for _, g := range in.Files {
		outer := *o.stack[len(o.stack)-1]
		inner := &level{name: outer.name, file: g, block: g.Directives, server: outer.server, location: outer.location}
		o.walk(append(slices.Clip(o.stack[:len(o.stack)-1]), inner))
		o.stack[len(o.stack)-1].listens = outer.listens || inner.listens
	}
}

// user keeps a user that the image has.
func (o one) user() {
	switch o.Arg(0) {
	case "root", "www-data", "nginx", "nobody", "daemon":
		o.keep()
		return
	}
	if len(o.Args) > 0 {
		o.edit(conf.Word{Begin: o.Args[0].Begin, End: o.Args[len(o.Args)-1].End}, "nginx")
	}
	o.rec.ApproximatePart(o.setting, "the image knows no user "+o.Arg(0)+": the workers run as nginx", "let all read what they serve", o.content())
}

// log sends lines to where every tier collects them.
func (o one) log() {
	target := o.Arg(0)
	if target == "off" || target == "stderr" || strings.HasPrefix(target, "syslog:") || strings.HasPrefix(target, "memory:") || strings.HasPrefix(target, "/dev/") {
		o.keep()
		return
	}
	to := "/dev/stdout"
	if o.Text == "error_log" {
		to = "/dev/stderr"
	}
	if len(o.Args) > 0 {
		o.edit(o.Args[0], to)
	}
	for _, a := range o.Args[min(1, len(o.Args)):] {
		if k, _, _ := strings.Cut(a.Text, "="); k == "buffer" || k == "flush" || k == "gzip" {
			o.edit(a, "")
		}
	}
	o.keep()
}

// mount lets the proxy see a path of the machine.
func (o one) mount(file string, directory bool) {
	if !path.IsAbs(file) || strings.HasPrefix(file, "/usr/share/nginx/html") {
		if strings.Contains(file, "$") {
			o.rec.Find(ledger.Warning, o.rec.At(o.setting), o.Text+" is made of variables: which directories it means is not known here", "mount them into the container by hand")
		} else if !directory && file != "" && file != "off" && !strings.Contains(file, ":") {
			o.mount(path.Join(configHome, file), directory)
		}
		return
	}
	if i := strings.IndexByte(file, '$'); i >= 0 { // the directory before the variable
		file, directory = path.Dir(file[:i]+"x"), true
	}
	file = path.Clean(file)
	if strings.HasPrefix(file, "/etc/letsencrypt/") { // its files are links, renewed under other names
		file = "/etc/letsencrypt"
	}
	if file == "/" {
		o.rec.Find(ledger.Warning, o.rec.At(o.setting), o.Text+" is the machine's whole file system, which is not mounted", "name the directory")
		return
	}
	at := o.at.Join("mounts", file)
	o.rec.Part(o.setting, at.Join("kind"), at.Join("host"), at.Join("readOnly"))
	if !slices.ContainsFunc(o.w.Mounts, func(m deploy.Mount) bool { return m.Path == file }) {
		o.w.Mounts = append(o.w.Mounts, deploy.Mount{Path: file, Kind: deploy.Some(deploy.MountHost), Host: deploy.Some(file), ReadOnly: deploy.Some(true)})
	}
}
