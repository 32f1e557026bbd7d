package main

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var fixtures = filepath.Join("..", "..", "..", "fixtures")

var (
	fromLine  = regexp.MustCompile(`(?im)^FROM\s+(?:--\S+\s+)*(\S+)(?:\s+AS\s+(\S+))?`)
	copyFrom  = regexp.MustCompile(`(?m)--from=(\S+)`)
	imageLine = regexp.MustCompile(`(?m)^ {4}image: (\S+)(\n {4}build:)?`)
)

// Every image that a golden of the example systems begins with can be stood in for; whoever adds one that cannot learns it here, without an engine.
func TestStandIns(t *testing.T) {
	have := map[string]bool{"scratch": true}
	for _, s := range standIns() {
		for _, n := range s.names {
			have[n] = true
		}
	}
	asked := 0
	ask := func(file, image string) {
		asked++
		if !have[image] {
			t.Errorf("%s: %s has no stand-in; add it to standIns", file, image)
		}
	}
	files, err := filepath.Glob(filepath.Join(fixtures, "systems", "*", "compose", "files"))
	if err != nil {
		t.Fatal(err)
	}
	for _, dir := range files {
		err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			data, err := os.ReadFile(p)
			if err != nil {
				return err
			}
			text := string(data)
			switch {
			case strings.HasSuffix(d.Name(), "Dockerfile"):
				stages := map[string]bool{}
				for _, m := range fromLine.FindAllStringSubmatch(text, -1) {
					if !stages[m[1]] {
						ask(p, m[1])
					}
					stages[m[2]] = true
				}
				for _, m := range copyFrom.FindAllStringSubmatch(text, -1) {
					if !stages[m[1]] {
						ask(p, m[1])
					}
				}
			case d.Name() == "compose.yaml":
				for _, m := range imageLine.FindAllStringSubmatch(text, -1) {
					if m[2] == "" {
						ask(p, m[1])
					}
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if asked < 10 {
		t.Errorf("only %d images are named: the goldens have more", asked)
	}
}

// What the example systems pin of PyPI is among what pip finds.
func TestPins(t *testing.T) {
	have := map[string]bool{}
	for _, p := range pypi {
		have[p.pin] = true
	}
	files, err := filepath.Glob(filepath.Join(fixtures, "apps", "*", "requirements*.txt"))
	if err != nil {
		t.Fatal(err)
	}
	extra := regexp.MustCompile(`\[[^]]*\]`)
	pins := 0
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for line := range bytes.Lines(data) {
			if pin := strings.TrimSpace(extra.ReplaceAllString(string(line), "")); strings.Contains(pin, "==") {
				pins++
				if !have[pin] {
					t.Errorf("%s: %s is not offered; add it to pypi", f, pin)
				}
			}
		}
	}
	if pins < 4 {
		t.Errorf("only %d pins are there: the systems have more", pins)
	}
}

func TestWords(t *testing.T) {
	got := words(`-A INPUT -m comment --comment "a b" -j ACCEPT`)
	if want := "-A|INPUT|-m|comment|--comment|a b|-j|ACCEPT"; strings.Join(got, "|") != want {
		t.Errorf("%q", got)
	}
}
