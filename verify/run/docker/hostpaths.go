package docker

import (
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/deploylift/lift/verify/run"
)

// hostPaths looks at what services mount of the machine. The system that is in use may be working with the same files, so that a service that may write gets a view of its own: it sees what is there, and what
// it writes stays in the run's scratch directory.
func hostPaths(p project, v *override, scratch string) error {
	views := map[string]map[string]any{} // by path of the machine
	for _, s := range slices.Sorted(maps.Keys(p.Services)) {
		var mounts []map[string]any
		changed := false
		for _, m := range p.Services[s].Volumes {
			if m["type"] != "bind" {
				mounts = append(mounts, m)
				continue
			}
			source, _ := m["source"].(string)
			source = filepath.Clean(strings.ReplaceAll(source, "$$", "$"))
			readOnly, _ := m["read_only"].(bool)
			st, err := os.Stat(source)
			switch {
			case err != nil && readOnly:
				return run.Error{What: fmt.Sprintf("%s mounts %s of the machine, which is not there", s, source), Remedy: "put there what the service is to read, as it is where the system runs"}
			case readOnly || err == nil && ofSystem(source, st):
				mounts = append(mounts, m)
				continue
			}
			view, ok := views[source]
			if !ok {
				if view, err = ownView(source, st, v, filepath.Join(scratch, "machine"), len(views)); err != nil {
					return err
				}
				views[source] = view
			}
			n := maps.Clone(view)
			n["target"] = m["target"]
			mounts = append(mounts, n)
			changed = true
		}
		if changed {
			v.mounts[s] = mounts
		}
	}
	return nil
}

// ofSystem reports what is no data: sockets, devices, and the kernel's own file systems.
func ofSystem(path string, st os.FileInfo) bool {
	if !st.IsDir() && !st.Mode().IsRegular() {
		return true
	}
	for _, root := range []string{"/proc", "/sys", "/dev"} {
		if path == root || strings.HasPrefix(path, root+"/") {
			return true
		}
	}
	return false
}

// ownView makes a writable view of a path. st is nil where nothing is there: Docker would make a directory.
func ownView(source string, st os.FileInfo, v *override, dir string, n int) (map[string]any, error) {
	dir = filepath.Join(dir, strconv.Itoa(n))
	if st != nil && st.Mode().IsRegular() {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return nil, err
		}
		file := filepath.Join(dir, filepath.Base(source))
		if err := copyFile(source, file, st); err != nil {
			return nil, err
		}
		return map[string]any{"type": "bind", "source": dollar(file)}, nil
	}
	name := "lift-machine-" + strconv.Itoa(n)
	volume := map[string]any{"labels": v.labels}
	if st != nil {
		if os.Geteuid() != 0 {
			return nil, run.Error{What: "a service writes into " + source + " of the machine, where the system in use may be at work", Remedy: "run lift as root: what the run writes then lies over that directory, and not in it"}
		}
		if strings.ContainsAny(source+dir, `,:\`) {
			return nil, run.Error{What: "a service writes into " + source + ", whose name cannot be given to an overlay of its own", Remedy: "mount a directory without commas, colons and backslashes"}
		}
		upper, work := filepath.Join(dir, "upper"), filepath.Join(dir, "work")
		for _, d := range []string{upper, work} {
			if err := os.MkdirAll(d, 0o755); err != nil {
				return nil, err
			}
		}
		if err := likeness(upper, st); err != nil {
			return nil, err
		}
		volume["driver"] = "local"
		volume["driver_opts"] = map[string]string{"type": "overlay", "device": "overlay", "o": dollar("lowerdir=" + source + ",upperdir=" + upper + ",workdir=" + work)}
	}
	v.volumes[name] = volume
	return map[string]any{"type": "volume", "source": name, "volume": map[string]any{"nocopy": true}}, nil
}

func copyFile(from, to string, st fs.FileInfo) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	if e := out.Close(); err == nil {
		err = e
	}
	if err != nil {
		return err
	}
	return likeness(to, st)
}

// likeness gives a path the mode of another one, and its owner as far as this process may.
func likeness(path string, st fs.FileInfo) error {
	if uid, gid, ok := ownerOf(st); ok {
		if err := os.Chown(path, uid, gid); err != nil && os.Geteuid() == 0 {
			return err
		}
	}
	return os.Chmod(path, st.Mode().Perm())
}
