package lambda

import (
	"bytes"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/internal/lazyregexp"
	"github.com/deploylift/lift/ledger"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
)

// image is what the Dockerfile of a function says.
type image struct {
	adapter bool // the Lambda Web Adapter is in it
	runtime bool // lift's runtime is in it and runs the command for each event
}

const (
	specDockerfile = "Dockerfile reference"
	extensions     = "/opt/extensions/"
	runtime        = "/opt/lift/run"
)

const (
	makesRequests = "it makes requests of events: the variables AWS_LWA_ say how"
	runsCommand   = "it runs the command of ImageConfig for each event"
	onTheWay      = "it is a stage on the way"
)

// line is one instruction of the Dockerfile.
type line struct {
	verb    string
	flags   []string
	words   []string
	json    bool
	setting int
	at      ledger.Pos
	stage   int // counted from 0; -1: before the first
}

// readImage reads the Dockerfile: the base is the workload's image, and what is put before its program says how events reach it.
func (f *function) readImage() {
	if !f.dockerfile.Exists() || f.imageURI.Exists() {
		if !f.imageURI.Exists() {
			f.Rec.Find(ledger.Warning, f.root.KeyPos(), f.root.Path+" names no image that lift can read", "write Metadata.Dockerfile and DockerContext, or ImageUri")
		}
		return
	}
	file := path.Join(f.dir, f.context.Str(), f.dockerfile.Str())
	src, err := fs.ReadFile(f.Tree.FS, file)
	if err != nil {
		f.Rec.Find(ledger.Error, f.dockerfile.Pos(), f.dockerfile.Path+": there is no "+file, "mend the name, or add the file")
		return
	}
	ast, err := parser.Parse(bytes.NewReader(src))
	if err != nil {
		f.Rec.Find(ledger.Error, ledger.Pos{File: file, Line: 1}, "is no Dockerfile", "mend it: docker build tells what is wrong")
		return
	}
	var lines []line
	stage := -1
	for _, n := range ast.AST.Children {
		l := line{verb: strings.ToUpper(n.Value), flags: n.Flags, words: following(n), json: n.Attributes["json"], at: ledger.Pos{File: file, Line: n.StartLine}}
		if l.verb == "FROM" {
			stage++
		}
		l.stage = stage
		l.setting = f.Rec.Setting(l.at, l.verb, deploy.Plain(strings.Join(append(slices.Clone(l.flags), l.words...), " ")))
		lines = append(lines, l)
	}
	if stage < 0 {
		f.Rec.Find(ledger.Error, ledger.Pos{File: file, Line: 1}, "has no FROM", "begin with the workload's image")
	}
	f.readLines(lines, stage)
}

func (f *function) readLines(lines []line, last int) {
	copied, started := -1, -1 // where the runtime comes from, and where it is made what runs
	for i, l := range lines {
		switch {
		case l.stage < 0 && l.verb != "ARG" && last >= 0:
			f.Rec.Find(ledger.Error, l.at, l.verb+" before the first FROM", "begin with FROM")
			f.Rec.Drop(l.setting, "it stands before the first FROM", "")
		case l.stage < last:
			f.Rec.Inert(l.setting, onTheWay)
		case l.verb == "FROM" && (len(l.words) == 1 || len(l.words) == 3 && strings.EqualFold(l.words[1], "AS")):
			f.m.Image = deploy.Some(l.words[0])
			f.Rec.Convert(l.setting, f.at.Join("image"))
		case l.verb == "COPY" && l.isAdapter():
			f.image.adapter = true
			f.Rec.Inert(l.setting, makesRequests)
			if from, _ := l.from(); !strings.HasPrefix(from, "public.ecr.aws/awsguru/") {
				f.Rec.Find(ledger.Info, l.at, "the Lambda Web Adapter comes from "+from+", not from its maker", "see that it is the same")
			}
		case l.verb == "COPY" && len(l.words) == 2 && l.words[1] == runtime && f.makesRuntime(lines, l):
			copied = i
			f.Rec.Inert(l.setting, runsCommand)
		case l.verb == "ENTRYPOINT" && len(l.words) == 1 && l.words[0] == runtime && l.json && copied >= 0:
			started = i
			f.Rec.Inert(l.setting, runsCommand)
		default:
			f.lose(l, "what a function's image adds to its base is read by a later version", "do it in the image that it is based on")
		}
	}
	f.image.runtime = copied >= 0 && started >= 0
	if copied >= 0 && started < 0 {
		f.Rec.Find(ledger.Warning, lines[copied].at, "nothing starts "+runtime, `write ENTRYPOINT ["`+runtime+`"]`)
	}
}

func (f *function) lose(l line, reason, remedy string) {
	f.Rec.Drop(l.setting, reason, remedy)
	f.Rec.Find(ledger.Warning, l.at, l.verb+" dropped: "+reason, remedy)
}

// from returns the stage or the image that a COPY takes files from; other flags than that have no place here.
func (l line) from() (string, bool) {
	if len(l.flags) != 1 {
		return "", false
	}
	return strings.CutPrefix(l.flags[0], "--from=")
}

// adapterImage is the image of the Lambda Web Adapter, of a release, in any registry.
var adapterImage = lazyregexp.New(`(?:^|/)aws-lambda-adapter(?::[\w.-]+)?(?:@sha256:[0-9a-f]{64})?$`)

// isAdapter reports whether a COPY puts the adapter where Lambda looks for extensions: the files of that directory, not those below it (AWS Lambda: Extensions API).
func (l line) isAdapter() bool {
	from, ok := l.from()
	return ok && adapterImage.MatchString(from) && len(l.words) == 2 && l.words[0] == "/lambda-adapter" && path.Dir(l.words[1])+"/" == extensions && path.Base(l.words[1]) != "."
}

// goBuild is how a program that needs no library of the image is built of one file.
var goBuild = lazyregexp.New(`^CGO_ENABLED=0 go build (?:-trimpath |-ldflags=-[sw] )*-o (/\S+) (\S+\.go)$`)

// makesRuntime reports whether a COPY takes what a stage builds of one Go file that lies beside the Dockerfile. What that program does, the file's own tests tell.
func (f *function) makesRuntime(lines []line, l line) bool {
	from, ok := l.from()
	if !ok {
		return false
	}
	stage := -1
	for _, x := range lines {
		if x.verb == "FROM" && x.stage < l.stage && (len(x.words) == 3 && strings.EqualFold(x.words[1], "AS") && x.words[2] == from || strconv.Itoa(x.stage) == from) {
			stage = x.stage
		}
	}
	brought, built := map[string]bool{}, false
	for _, x := range lines {
		if x.stage != stage || stage < 0 {
			continue
		}
		switch x.verb {
		case "FROM":
			if len(x.words) == 0 || !strings.HasPrefix(x.words[0], "golang:") {
				return false
			}
		case "COPY":
			if len(x.flags) > 0 || len(x.words) != 2 || x.words[1] != "." {
				return false
			}
			file := path.Join(f.dir, f.context.Str(), x.words[0])
			if _, err := fs.Stat(f.Tree.FS, file); err != nil {
				f.Rec.Find(ledger.Error, x.at, "COPY: there is no "+file, "mend the name, or add the file")
				return false
			}
			brought[x.words[0]] = true
		case "RUN":
			m := goBuild.FindStringSubmatch(strings.Join(x.words, " "))
			if m == nil || m[1] != l.words[0] || !brought[m[2]] {
				return false
			}
			built = true
		case "WORKDIR":
		default:
			return false
		}
	}
	return built
}

func following(n *parser.Node) []string {
	var out []string
	for next := n.Next; next != nil; next = next.Next {
		out = append(out, next.Value)
	}
	return out
}
