package link

import (
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/detect"
	"github.com/deploylift/lift/ledger"
)

// Files finds the data that programs keep below their own directory: an environment variable names a path there that is not in the tree. On a machine it outlives the process and all that start
// there share it; a container would begin with nothing each time, and have it alone. The directory becomes a volume. Where the directory also holds files of the tree a volume would hide them, so
// that a warning has to do. paths are all files of the tree, sorted.
func Files(r *detect.Result, paths []string) {
	kept := map[string][]keeper{} // by directory on the machine
	for i := range r.App.Workloads {
		w := &r.App.Workloads[i]
		dir, ok := w.Dir.Get()
		source, known := w.Source.Dir.Get()
		if !ok || !known || dir == "/" {
			continue
		}
		for _, e := range w.Env {
			text, known := e.Value.Reveal()
			if !known || e.Value.IsSecret() {
				continue
			}
			below, ok := dataPath(dir, text)
			if !ok || inTree(paths, path.Join(source, below)) || covered(w, path.Join(dir, below)) {
				continue
			}
			k := keeper{w: w, env: e.Name, text: text, dir: below}
			if path.Ext(below) != "" {
				k.dir = path.Dir(below)
			}
			if k.setting = settingOf(r.Doc, deploy.At("workloads", w.Name, "env", e.Name, "value")); k.setting < 0 {
				continue
			}
			if k.dir == "." || inTree(paths, path.Join(source, k.dir)) {
				r.Findings = append(r.Findings, ledger.Finding{
					Severity: ledger.Warning, At: r.Doc.Settings[k.setting].At,
					What:   e.Name + "=" + text + " names a file that is not in the tree: if " + w.Name + " writes it, a container loses it at each start, and shares it with nobody",
					Remedy: "let it name a directory of its own, such as ./data/" + path.Base(below) + ", which becomes a volume",
				})
				continue
			}
			kept[path.Join(dir, k.dir)] = append(kept[path.Join(dir, k.dir)], k)
		}
	}
	for _, p := range slices.Sorted(maps.Keys(kept)) {
		volume(r, p, kept[p])
	}
}

// keeper is a variable of a workload that names data.
type keeper struct {
	w         *deploy.Workload
	env, text string
	dir       string // relative to the workload's
	setting   int
}

// dataPath reads a value that names a path below the directory: ./data/votes.json, data/votes.json with the suffix of a data file, or the same from the root on.
func dataPath(dir, text string) (below string, ok bool) {
	rel, absolute := strings.CutPrefix(text, strings.TrimSuffix(dir, "/")+"/")
	data := slices.Contains([]string{".json", ".db", ".sqlite", ".sqlite3", ".csv", ".log", ".pid"}, path.Ext(text)) && strings.Contains(text, "/") && !strings.HasPrefix(text, "/")
	if !absolute && !strings.HasPrefix(text, "./") && !data || strings.ContainsAny(text, " \t:,;*?=$") {
		return "", false
	}
	below = path.Clean(rel)
	return below, below != "." && below != ".." && !strings.HasPrefix(below, "../")
}

// inTree reports whether a file of the tree has this path or lies below it.
func inTree(paths []string, p string) bool {
	p = path.Clean(p)
	if _, found := slices.BinarySearch(paths, p); found {
		return true
	}
	i, _ := slices.BinarySearch(paths, p+"/")
	return i < len(paths) && strings.HasPrefix(paths[i], p+"/")
}

func covered(w *deploy.Workload, p string) bool {
	return slices.ContainsFunc(w.Mounts, func(m deploy.Mount) bool { return p == m.Path || strings.HasPrefix(p, m.Path+"/") })
}

// settingOf returns the stated setting that gave a place of the model, or -1.
func settingOf(doc ledger.Doc, p deploy.Path) int {
	for _, rd := range doc.Reads {
		if slices.Contains(rd.Fields, p) && !doc.Settings[rd.Setting].Implied {
			return rd.Setting
		}
	}
	return -1
}

// volume makes the volume of a directory and mounts it wherever it is named.
func volume(r *detect.Result, dir string, by []keeper) {
	name := path.Base(dir)
	if users := users(by); len(users) == 1 {
		name = users[0] + "-" + name
	}
	for deploy.Has(r.App, deploy.At("volumes", name)) {
		name = path.Base(path.Dir(dir)) + "-" + name
	}
	v := deploy.Volume{Name: name, Access: deploy.Some(deploy.AccessOne)}
	if len(users(by)) > 1 {
		v.Access = deploy.Some(deploy.AccessMany)
	}
	at := deploy.At("volumes", name)
	origin := settingOf(r.Doc, deploy.At("workloads", by[0].w.Name, "dir")) >= 0 // else the platform chose the directory, and where it is on the machine nobody said
	if origin {
		v.Origin = deploy.Some(dir)
	}
	r.App.Volumes = append(r.App.Volumes, v)
	for _, k := range by {
		mount := deploy.At("workloads", k.w.Name, "mounts", dir)
		fields := []deploy.Path{mount.Join("kind"), mount.Join("volume"), mount.Join("readOnly"), at.Join("access")}
		if !covered(k.w, dir) {
			k.w.Mounts = append(k.w.Mounts, deploy.Mount{Path: dir, Kind: deploy.Some(deploy.MountVolume), Volume: deploy.Some(deploy.Ref(at)), ReadOnly: deploy.Some(false)})
		}
		if origin {
			fields = append(fields, at.Join("origin"))
		}
		r.Doc.Reads = append(r.Doc.Reads, ledger.Read{Setting: k.setting, Outcome: ledger.Converted, Fields: fields, Part: true})
	}
	r.Findings = append(r.Findings, ledger.Finding{
		Severity: ledger.Info, At: r.Doc.Settings[by[0].setting].At,
		What:   by[0].env + "=" + by[0].text + " is not in the tree, so that it is data that the program keeps: " + dir + " becomes the volume " + name + " of " + strings.Join(users(by), ", "),
		Remedy: "nothing to do, unless it is no data: then add it to the tree",
	})
}

func users(by []keeper) []string {
	var out []string
	for _, k := range by {
		if !slices.Contains(out, k.w.Name) {
			out = append(out, k.w.Name)
		}
	}
	return out
}
