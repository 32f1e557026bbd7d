package main

import (
	"fmt"
	"os"

	"github.com/deploylift/lift/convert/process2container"
	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/detect"
	"github.com/deploylift/lift/detect/procfile"
	"github.com/deploylift/lift/detect/systemd"
	"github.com/deploylift/lift/pipeline"
	"github.com/deploylift/lift/verify"
)

func main() {
	t, _, err := pipeline.OpenTree(os.Args[1])
	if err != nil {
		panic(err)
	}
	d, err := pipeline.Detect([]detect.Source{systemd.Source, procfile.Source}, t, pipeline.Options{Below: 9, Name: "x", Place: "."})
	if err != nil {
		panic(err)
	}
	for _, f := range d.Findings {
		fmt.Println("F", f.Severity, f)
	}
	for _, p := range verify.Claims(d.App, d.Doc) {
		fmt.Println("P", p)
	}
	if len(os.Args) > 2 {
		deploy.Visit(d.App, func(p []byte, l deploy.Leaf) { fmt.Println(string(p), "=", l) })
	}
	low, l, ns := process2container.Lower(d.App)
	for _, n := range ns {
		fmt.Println("N", n)
	}
	for _, p := range verify.Lowering(d.App, low, l) {
		fmt.Println("P", p)
	}
	set, err := process2container.Write(low)
	fmt.Println(err)
	for _, f := range set.Files() {
		fmt.Println("=== "+f.Path)
		fmt.Println(string(f.Data))
	}
}
