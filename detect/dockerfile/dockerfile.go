// Package dockerfile reads Dockerfiles with BuildKit's own parser.
//
// All stages become deploy.Build. Of the last stage, and of the stages that it is built FROM, what makes the program's start (CMD, ENTRYPOINT, USER, WORKDIR, ENV, EXPOSE, STOPSIGNAL,
// HEALTHCHECK) becomes fields of the workload instead of steps: the last one counts. A WORKDIR, USER or ENV that a later RUN or COPY of the same stage depends on is a step as well,
// because steps come before the fields where an image is built from the model.
package dockerfile

import (
	"bytes"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/detect"
	"github.com/deploylift/lift/ledger"
)

// Source reads Dockerfiles: by themselves, where no compose file says which workloads there are, and as pieces of one.
var Source = detect.Source{
	Name:   "dockerfile",
	Doc:    "Dockerfiles, alone or named by a Compose file",
	Tier:   detect.Container,
	Match:  match,
	Read:   read,
	Piece:  piece,
	Keys:   keys,
	Sample: sample,
	Absent: absent,
}

// MaxSize is the largest Dockerfile that is read; BuildKit itself refuses lines of 64 KiB.
const MaxSize = 1 << 20

// match picks Dockerfiles in the root of the tree and one directory down, and nothing at all where a compose file names them.
func match(paths []string) []string {
	var out []string
	for _, p := range paths {
		dir, base := path.Split(p)
		if strings.Count(p, "/") > 1 {
			continue
		}
		switch base {
		case "compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml":
			return nil
		case "Dockerfile", "Containerfile":
			out = append(out, p)
		default:
			if workloadName(p) != "" && dir == "" {
				out = append(out, p)
			}
		}
	}
	return out
}

// workloadName is the name of the workload that a Dockerfile by itself stands for: web.Dockerfile, Dockerfile.web, web/Dockerfile; "app" for one in the root. It is "" for what is no
// Dockerfile.
func workloadName(p string) string {
	dir, base := path.Split(p)
	if n, ok := strings.CutSuffix(base, ".Dockerfile"); ok && n != "" {
		return n
	}
	if n, ok := strings.CutPrefix(base, "Dockerfile."); ok && n != "" && n != "dockerignore" {
		return n
	}
	switch {
	case base != "Dockerfile" && base != "Containerfile":
		return ""
	case dir == "":
		return "app"
	}
	return path.Base(dir)
}

// read reads Dockerfiles by themselves: each is a workload of its own.
func read(t detect.Tree, picked []string) (detect.Result, error) {
	var rec detect.Recorder
	seen := map[string]string{}
	for _, p := range picked {
		name := workloadName(p)
		if name == "" {
			name = path.Base(p)
		}
		if other, ok := seen[name]; ok {
			rec.Find(ledger.Error, ledger.Pos{File: p}, "the workload "+name+" is made by "+other+" already", "read one of them: --source dockerfile in its directory")
			continue
		}
		seen[name] = p
		o := options{workload: name, path: p, alone: true}
		o.ignore = beside(t, p)
		if err := readInto(&rec, t, o); err != nil {
			return detect.Result{}, err
		}
		rec.Owns = append(rec.Owns, deploy.At("workloads", name))
	}
	return finish(&rec), nil
}

// piece reads a Dockerfile that another source names and gives it to a workload. The options of a piece, each a list:
//
//	ignore   the path of the ignore file in the tree; empty: there is none. Without it the one beside the Dockerfile is read
//	target   the stage that is the image
//	arg      NAME=VALUE of an ARG
//	without  CMD, ENTRYPOINT, USER, HEALTHCHECK or TEST (the command of a health check): the other source says it, or switches it off
func piece(t detect.Tree, p detect.Piece) (detect.Result, error) {
	var rec detect.Recorder
	o := options{workload: p.Workload, path: p.Path, ignore: beside(t, p.Path), args: map[string]string{}, without: map[string]bool{}}
	for _, f := range p.Options["ignore"] {
		o.ignore = f
	}
	for _, s := range p.Options["target"] {
		o.target = s
	}
	for _, a := range p.Options["arg"] {
		k, v, _ := strings.Cut(a, "=")
		o.args[k] = v
	}
	for _, w := range p.Options["without"] {
		o.without[w] = true
	}
	if err := readInto(&rec, t, o); err != nil {
		return detect.Result{}, err
	}
	rec.Owns = []deploy.Path{deploy.At("workloads", p.Workload)} // what an image has by itself counts, where nobody says otherwise
	return finish(&rec), nil
}

func finish(rec *detect.Recorder) detect.Result {
	return rec.Finish(func(ledger.Setting) (string, string) {
		return "lift does not know what it does here", "report it, please"
	})
}

// options are how one Dockerfile is read.
type options struct {
	workload string
	path     string
	ignore   string // its ignore file, "" for none
	target   string
	args     map[string]string
	without  map[string]bool
	alone    bool // nothing else speaks of the workload: context and file are told here
}

// beside finds the ignore file that belongs to a Dockerfile whose directory is the context. Dockerfile reference, ".dockerignore file".
func beside(t detect.Tree, p string) string {
	for _, q := range []string{p + ".dockerignore", path.Join(path.Dir(p), ".dockerignore")} {
		if _, ok := slices.BinarySearch(t.Paths, q); ok {
			return q
		}
	}
	return ""
}

// load reads a text file of the tree; what is no text is a finding.
func load(rec *detect.Recorder, t detect.Tree, p string) ([]byte, bool, error) {
	src, err := fs.ReadFile(t.FS, p)
	if err != nil {
		return nil, false, fmt.Errorf("%s: %w", p, err)
	}
	bad := func(line int, what, remedy string) ([]byte, bool, error) {
		rec.Find(ledger.Error, ledger.Pos{File: p, Line: line}, what, remedy)
		return nil, false, nil
	}
	if len(src) > MaxSize {
		return bad(1, fmt.Sprintf("the file has %d MiB", len(src)>>20), "a file of this kind has at most 1 MiB")
	}
	if i := bytes.IndexByte(src, 0); i >= 0 {
		return bad(1+bytes.Count(src[:i], []byte("\n")), "not a text file: it contains a NUL byte", "remove the file or give it another name")
	}
	if !utf8.Valid(src) {
		return bad(1, "not a text file: it is not UTF-8", "save it as UTF-8")
	}
	return src, true, nil
}

// readInto reads one Dockerfile and its ignore file.
func readInto(rec *detect.Recorder, t detect.Tree, o options) error {
	src, ok, err := load(rec, t, o.path)
	if err != nil || !ok {
		return err
	}
	r := &reader{rec: rec, opt: o, at: deploy.At("workloads", o.workload), meta: vars{}, metaFrom: map[string]int{}}
	r.w.Name = o.workload
	rec.Place(r.at, ledger.Pos{File: o.path, Line: 1})
	if !r.parse(src) {
		return nil
	}
	r.build()
	if o.ignore != "" {
		src, ok, err := load(rec, t, o.ignore)
		if err != nil {
			return err
		}
		if ok {
			r.ignore(src)
		}
	}
	r.settle()
	rec.App.Workloads = append(rec.App.Workloads, r.w)
	return nil
}

// ignore reads the lines of an ignore file.
func (r *reader) ignore(src []byte) {
	at := r.at.Join("build", "ignore")
	for i, line := range strings.Split(strings.TrimPrefix(string(src), "\ufeff"), "\n") {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		s := r.rec.Setting(ledger.Pos{File: r.opt.ignore, Line: i + 1}, "ignore", deploy.Plain(line))
		r.w.Build.Ignore = append(r.w.Build.Ignore, line)
		r.rec.Part(s, at)
	}
}
