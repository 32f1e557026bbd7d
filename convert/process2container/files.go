package process2container

import (
	"path"

	"github.com/deploylift/lift/convert/internal/names"
	"github.com/deploylift/lift/deploy"
)

// place is where a configuration file stands in the output, and the name that compose knows it by.
type place struct{ file, name string }

// places puts each workload's files into a folder of its name: under their own names, or under their whole paths where two of them have one name.
func places(a deploy.App) map[string]map[string]place {
	var all []string
	out := map[string]map[string]place{}
	for _, w := range a.Workloads {
		count := map[string]int{}
		for _, f := range w.Files {
			count[path.Base(f.Path)]++
		}
		out[w.Name] = map[string]place{}
		for _, f := range w.Files {
			file := path.Join(w.Name, path.Base(f.Path))
			if count[path.Base(f.Path)] > 1 {
				file = path.Join(w.Name, f.Path)
			}
			out[w.Name][f.Path] = place{file: file}
			all = append(all, file)
		}
	}
	name := names.Labels(all)
	for _, files := range out {
		for p, at := range files {
			at.name = name[at.file]
			files[p] = at
		}
	}
	return out
}
