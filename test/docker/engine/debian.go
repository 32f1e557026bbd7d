package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
)

// debianRecipe is part of the key of the images that importDebian makes: change it with the function.
const debianRecipe = "1"

// slimmed is what upstream's slim images leave out, and go on leaving out when packages are installed.
const slimmed = `path-exclude /usr/share/doc/*
path-include /usr/share/doc/*/copyright
path-exclude /usr/share/info/*
path-exclude /usr/share/lintian/*
path-exclude /usr/share/linda/*
path-exclude /usr/share/man/*
path-exclude /usr/share/locale/*
`

// importDebian makes a minimal Debian of packages. It has no ca-certificates, as upstream's has none; a certificate that this machine trusts beside Debian's is where the package will find it.
func (e engine) importDebian(ctx context.Context, s standIn, key, work string) error {
	a := e.tools.apt[s.base]
	root := filepath.Join(work, "root")
	share := filepath.Join(e.tools.root, "usr", "share", "debootstrap")
	env := []string{"DEBOOTSTRAP_DIR=" + share, "PATH=" + os.Getenv("PATH") + ":/usr/sbin:/sbin"}
	if _, err := command(ctx, env, "sh", filepath.Join(e.tools.root, "usr", "sbin", "debootstrap"),
		"--variant=minbase", "--keyring="+keyring, "--cache-dir="+filepath.Join(a.dir, "archives"), s.base, root, a.mirror); err != nil {
		if data, e := os.ReadFile(filepath.Join(root, "debootstrap", "debootstrap.log")); e == nil {
			os.Stderr.Write(data[max(0, len(data)-4000):])
		}
		return err
	}
	fetch, err := acquire(ctx)
	if err != nil {
		return err
	}
	files := map[string]string{
		"etc/apt/sources.list":                  a.sources,
		"etc/apt/apt.conf.d/lift-test":          fetch,
		"etc/apt/apt.conf.d/docker-no-language": "Acquire::Languages \"none\";\n",
		"etc/dpkg/dpkg.cfg.d/docker":            slimmed,
		"etc/hostname":                          "",
		"etc/resolv.conf":                       "",
		"usr/sbin/policy-rc.d":                  "#!/bin/sh\nexit 101\n",
	}
	for name, text := range files {
		mode := os.FileMode(0o644)
		if strings.HasPrefix(name, "usr/sbin/") {
			mode = 0o755
		}
		if err := os.WriteFile(filepath.Join(root, name), []byte(text), mode); err != nil {
			return err
		}
	}
	if err := trust(filepath.Join(root, "usr/local/share/ca-certificates")); err != nil {
		return err
	}
	for _, waste := range []string{"usr/share/doc", "usr/share/info", "usr/share/lintian", "usr/share/man", "usr/share/locale", "var/cache/apt", "var/lib/apt/lists", "var/log"} {
		if err := empty(filepath.Join(root, waste)); err != nil {
			return err
		}
	}
	tar := filepath.Join(work, "root.tar")
	if _, err := command(ctx, nil, "tar", "--create", "--numeric-owner", "--file", tar, "--directory", root, "."); err != nil {
		return err
	}
	_, err = e.docker(ctx, "import", "--change", `CMD ["bash"]`, "--change", "ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "--change", "LABEL "+keyLabel+"="+key, tar, s.names[0])
	return err
}

// trust copies the certificates that somebody added to this machine's.
func trust(to string) error {
	own, err := filepath.Glob("/usr/local/share/ca-certificates/*.crt")
	if err != nil || len(own) == 0 {
		return err
	}
	if err := os.MkdirAll(to, 0o755); err != nil {
		return err
	}
	for _, f := range own {
		data, err := os.ReadFile(f)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(to, filepath.Base(f)), data, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// empty removes what is in a directory and keeps the directory: apt and dpkg expect theirs.
func empty(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if err := os.RemoveAll(filepath.Join(dir, e.Name())); err != nil {
			return err
		}
	}
	return nil
}
