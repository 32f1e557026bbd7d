package main

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// part is what is built or fetched into one directory of the cache. Its key is a hash of all that decides the content, so that a part of other sources lies beside it.
type part struct {
	name  string
	key   string
	alone bool // the API server alone needs it, too
	make  func(dir string) error
}

func (p part) dir() (string, error) {
	cache, err := cacheDir()
	return filepath.Join(cache, p.name+"-"+p.key), err
}

func cacheDir() (string, error) {
	if dir := os.Getenv("LIFT_TEST_CACHE"); dir != "" {
		return filepath.Abs(dir)
	}
	dir, err := os.UserCacheDir()
	return filepath.Join(dir, "lift-test", "kube"), err
}

// command is one that is built from source. Its version goes into it as its makers' own build does it: the API server tells it to clients, which compare it.
type command struct {
	pkg   string
	stamp func(version string) string
	alone bool
}

// modules are the directories that pin the versions of what is built, and what is built of each.
var modules = []struct {
	dir, path string
	commands  []command
}{
	{"kubernetes", "k8s.io/kubernetes", []command{
		{"k8s.io/kubernetes/cmd/kube-apiserver", stampKubernetes, true},
		{"k8s.io/kubernetes/cmd/kube-controller-manager", stampKubernetes, false},
		{"k8s.io/kubernetes/cmd/kube-scheduler", stampKubernetes, false},
		{"k8s.io/kubernetes/cmd/kubelet", stampKubernetes, false},
		{"k8s.io/kubernetes/cmd/kube-proxy", stampKubernetes, false},
	}},
	{"coredns", "github.com/coredns/coredns", []command{{pkg: "github.com/coredns/coredns"}}},
	{"traefik", "github.com/traefik/traefik/v3", []command{{pkg: "github.com/traefik/traefik/v3/cmd/traefik", stamp: func(v string) string {
		return "-X github.com/traefik/traefik/v3/pkg/version.Version=" + strings.TrimPrefix(v, "v")
	}}}},
}

func stampKubernetes(version string) string {
	const pkg = "-X k8s.io/component-base/version."
	numbers := strings.SplitN(strings.TrimPrefix(version, "v"), ".", 3)
	return pkg + "gitVersion=" + version + " " + pkg + "gitMajor=" + numbers[0] + " " + pkg + "gitMinor=" + numbers[1]
}

// parts lists all of them. Each command is a part of its own: a build that was broken off goes on where it was.
func parts() (out []part, err error) {
	home, err := source()
	if err != nil {
		return nil, err
	}
	for _, m := range modules {
		from := filepath.Join(home, m.dir)
		pinned, err := readAll(filepath.Join(from, "go.mod"), filepath.Join(from, "go.sum"))
		if err != nil {
			return nil, err
		}
		version := requirement(pinned, m.path)
		if version == "" {
			return nil, fmt.Errorf("%s does not require %s; add it", filepath.Join(from, "go.mod"), m.path)
		}
		for _, c := range m.commands {
			flags := "-s -w"
			if c.stamp != nil {
				flags += " " + c.stamp(version)
			}
			out = append(out, part{filepath.Base(c.pkg), key(pinned, []byte(runtime.Version()+runtime.GOARCH+flags)), c.alone, func(dir string) error {
				return goBuild(from, filepath.Join(dir, filepath.Base(c.pkg)), c.pkg, flags)
			}})
		}
	}
	pause, err := readAll(filepath.Join(home, "cluster", "pause", "main.go"), filepath.Join(home, "cluster", "image.go"))
	if err != nil {
		return nil, err
	}
	own, err := readAll(filepath.Join(home, "go.mod"))
	if err != nil {
		return nil, err
	}
	definitions := ""
	for _, d := range definitionsOf {
		definitions += d.module + "@" + requirement(own, d.module) + " "
	}
	return append(out,
		part{"pause", key(pause, []byte(runtime.Version()+runtime.GOARCH)), false, func(dir string) error {
			binary := filepath.Join(dir, "pause")
			if err := goBuild(home, binary, "./cluster/pause", "-s -w"); err != nil {
				return err
			}
			return writeImage(binary, pauseImage, filepath.Join(dir, "pause.tar"))
		}},
		part{"definitions", key([]byte(definitions)), true, func(dir string) error { return fetchDefinitions(home, dir) }},
		part{"etcd", key([]byte(strings.Join(packagesOfEtcd, " "))), true, func(dir string) error { return unpackDebian(dir, packagesOfEtcd) }},
		part{"debian", key([]byte(strings.Join(packagesOfNode, " "))), false, unpackNode},
	), nil
}

// source is the directory test/kube, whose modules pin what is built.
func source() (string, error) {
	_, file, _, _ := runtime.Caller(0)
	home := filepath.Dir(filepath.Dir(file))
	if _, err := os.Stat(filepath.Join(home, "kubernetes", "go.mod")); err != nil {
		return "", errors.New("the sources that this command was built from are gone; build it anew, without -trimpath: go build ./cluster")
	}
	return home, nil
}

func readAll(files ...string) (out []byte, err error) {
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			return nil, err
		}
		out = append(out, data...)
	}
	return out, nil
}

// requirement is the version that a go.mod asks for.
func requirement(mod []byte, module string) string {
	m := regexp.MustCompile(`(?m)^\s*(?:require )?` + regexp.QuoteMeta(module) + ` (v\S+)`).FindSubmatch(mod)
	if m == nil {
		return ""
	}
	return string(m[1])
}

func key(content ...[]byte) string {
	h := sha256.New()
	for _, c := range content {
		h.Write(c)
		h.Write([]byte{0})
	}
	return fmt.Sprintf("%x", h.Sum(nil))[:12]
}

// build makes what is not in the cache yet, one after the other: two linkers at once take twice the memory and no less time.
func build(alone bool) error {
	cache, err := cacheDir()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(cache, 0o755); err != nil {
		return err
	}
	lock, err := os.Create(filepath.Join(cache, "lock"))
	if err != nil {
		return err
	}
	defer lock.Close()
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		return err
	}
	all, err := parts()
	if err != nil {
		return err
	}
	began := time.Now()
	for _, p := range all {
		if alone && !p.alone {
			continue
		}
		dir, err := p.dir()
		if err != nil {
			return err
		}
		if _, err := os.Stat(dir); err == nil {
			continue
		}
		since := time.Now()
		say("%s …", p.name)
		unready := dir + ".unready"
		if err := os.RemoveAll(unready); err != nil {
			return err
		}
		if err := os.MkdirAll(unready, 0o755); err != nil {
			return err
		}
		if err := p.make(unready); err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
		if err := os.Rename(unready, dir); err != nil {
			return err
		}
		say("%s: %s", p.name, time.Since(since).Round(time.Second/10))
	}
	say("built: %s, in %s", time.Since(began).Round(time.Second/10), cache)
	return nil
}

// find says where the parts lie, by name. It fails where one is missing.
func find(alone bool) (map[string]string, error) {
	all, err := parts()
	if err != nil {
		return nil, err
	}
	out := map[string]string{}
	for _, p := range all {
		if alone && !p.alone {
			continue
		}
		dir, err := p.dir()
		if err != nil {
			return nil, err
		}
		if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
			what := "cluster build"
			if alone {
				what += " apiserver"
			}
			return nil, fmt.Errorf("%s is not built; run: %s", p.name, what)
		}
		out[p.name] = dir
	}
	return out, nil
}

// goBuild builds without the C library: an image of the binary alone has none.
func goBuild(dir, out, pkg, ldflags string) error {
	cmd := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-ldflags", ldflags, "-o", out, pkg)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOWORK=off")
	return quiet(cmd)
}

// quiet runs a command whose output matters where it fails.
func quiet(cmd *exec.Cmd) error {
	out, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s: %w\n%s", strings.Join(cmd.Args, " "), err, bytes.TrimSpace(out))
	}
	return nil
}
