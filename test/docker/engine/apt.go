package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// keyring has the keys of all of Debian's releases; it is in every Debian.
const keyring = "/usr/share/keyrings/debian-archive-keyring.gpg"

// apt is an apt of its own for one release of Debian: with lists of its own, so that the machine's are left alone, and with the machine's mirrors, proxies and trust.
type apt struct {
	dir     string
	mirror  string // of the release itself
	sources string // as a sources.list
}

// openApt makes the directories and fetches the lists of a release if they are not there yet.
func openApt(ctx context.Context, cache, release string) (apt, error) {
	a := apt{dir: filepath.Join(cache, "apt", release)}
	mirror, security, err := mirrors(ctx)
	if err != nil {
		return a, err
	}
	a.mirror = mirror
	a.sources = fmt.Sprintf("deb %s %s main\ndeb %s %s-updates main\n", mirror, release, mirror, release)
	if security != "" {
		a.sources += fmt.Sprintf("deb %s %s-security main\n", security, release)
	}
	if old, err := os.ReadFile(filepath.Join(a.dir, "fetched")); err == nil && string(old) == a.sources {
		return a, nil
	}
	return a, a.update(ctx)
}

func (a apt) update(ctx context.Context) error {
	defer step("fetching the package lists of %s", filepath.Base(a.dir))()
	for _, d := range []string{"lists/partial", "archives/partial"} {
		if err := os.MkdirAll(filepath.Join(a.dir, d), 0o755); err != nil {
			return err
		}
	}
	files := map[string]string{
		"status":       "",
		"sources.list": strings.ReplaceAll(a.sources, "deb ", "deb [signed-by="+keyring+"] "),
		"apt.conf": fmt.Sprintf(`Dir::State %q;
Dir::State::lists %q;
Dir::State::status %q;
Dir::Cache %q;
Dir::Cache::archives %q;
Dir::Etc::sourcelist %q;
Dir::Etc::sourceparts "-";
APT::Sandbox::User "root";
APT::Update::Post-Invoke-Success "";
`, a.dir, filepath.Join(a.dir, "lists"), filepath.Join(a.dir, "status"), a.dir, filepath.Join(a.dir, "archives"), filepath.Join(a.dir, "sources.list")),
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(a.dir, name), []byte(text), 0o644); err != nil {
			return err
		}
	}
	if _, err := command(ctx, nil, "apt-get", "--config-file", filepath.Join(a.dir, "apt.conf"), "--quiet", "--error-on=any", "update"); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(a.dir, "fetched"), []byte(a.sources), 0o644)
}

// download fetches packages into dir. Lists age: if a package has gone from the mirror, they are fetched anew, once.
func (a apt) download(ctx context.Context, dir string, names []string) ([]string, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	get := func() error {
		args := append([]string{"-c", `cd "$1" && shift && exec apt-get --quiet --config-file "$@"`, "sh", dir, filepath.Join(a.dir, "apt.conf"), "download"}, names...)
		_, err := command(ctx, nil, "sh", args...)
		return err
	}
	if get() != nil {
		if err := a.update(ctx); err != nil {
			return nil, err
		}
		if err := get(); err != nil {
			return nil, err
		}
	}
	return filepath.Glob(filepath.Join(dir, "*.deb"))
}

// mirrors are those that the machine's own apt is set up with.
func mirrors(ctx context.Context) (debian, security string, err error) {
	out, err := command(ctx, nil, "apt-get", "indextargets", "--format", "$(SITE) $(RELEASE)", "Created-By: Packages")
	if err != nil {
		return "", "", err
	}
	for line := range strings.Lines(out) {
		site, release, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch {
		case strings.HasSuffix(release, engineRelease+"-security"):
			security = site
		case release == engineRelease:
			debian = site
		}
	}
	if debian == "" {
		return "", "", fmt.Errorf("apt of this machine has no source for Debian's %s; run it on Debian 12", engineRelease)
	}
	return debian, security, nil
}

// acquire is how the machine's apt fetches, for images: proxies, and checks that are off because of a mirror that is a snapshot.
func acquire(ctx context.Context) (string, error) {
	out, err := command(ctx, nil, "apt-config", "dump", "Acquire")
	if err != nil {
		return "", err
	}
	keep := ""
	for line := range strings.Lines(out) {
		name, _, _ := strings.Cut(line, " ")
		for _, k := range []string{"::Proxy", "::Check-Valid-Until", "::Check-Date", "::Retries"} {
			if strings.HasSuffix(name, k) {
				keep += line
			}
		}
	}
	return keep, nil
}
