package lambda

import (
	"bytes"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/ledger"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
)

// image is what the Dockerfile of a function says.
type image struct {
	adapter bool // the Lambda Web Adapter is in it
	runtime bool // lift's runtime is in it, which runs the command for each event
}

const (
	specDockerfile = "Dockerfile reference"
	extensions     = "/opt/extensions/"
	runtime        = "/opt/lift/run"
)

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
	last := -1
	for i, n := range ast.AST.Children {
		if strings.EqualFold(n.Value, "FROM") {
			last = i
		}
	}
	for i, n := range ast.AST.Children {
		words := following(n)
		at := ledger.Pos{File: file, Line: n.StartLine}
		setting := f.Rec.Setting(at, strings.ToUpper(n.Value), deploy.Plain(strings.Join(append(slices.Clone(n.Flags), words...), " ")))
		instruction := strings.ToUpper(n.Value)
		switch {
		case i < last:
			f.Rec.Inert(setting, "it is a stage on the way")
		case instruction == "FROM" && len(words) > 0:
			f.m.Image = deploy.Some(words[0])
			f.Rec.Convert(setting, f.at.Join("image"))
		case instruction == "COPY" && len(words) == 2 && strings.HasPrefix(words[1], extensions) && strings.Contains(strings.Join(n.Flags, " "), "aws-lambda-adapter"):
			f.image.adapter = true
			f.Rec.Inert(setting, "it makes requests of events: the variables AWS_LWA_ say how")
		case instruction == "COPY" && len(words) == 2 && words[1] == runtime:
			f.Rec.Inert(setting, "it runs the command of ImageConfig for each event")
		case instruction == "ENTRYPOINT" && len(words) == 1 && words[0] == runtime && n.Attributes["json"]:
			f.image.runtime = true
			f.Rec.Inert(setting, "it runs the command of ImageConfig for each event")
		default:
			reason, remedy := "what a function's image adds to its base is read by a later version", "do it in the image that it is based on"
			f.Rec.Drop(setting, reason, remedy)
			f.Rec.Find(ledger.Warning, at, instruction+" dropped: "+reason, remedy)
		}
	}
	if last < 0 {
		f.Rec.Find(ledger.Error, ledger.Pos{File: file, Line: 1}, "has no FROM", "begin with the workload's image")
	}
}

func following(n *parser.Node) []string {
	var out []string
	for next := n.Next; next != nil; next = next.Next {
		out = append(out, next.Value)
	}
	return out
}
