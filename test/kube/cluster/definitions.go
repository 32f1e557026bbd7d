package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// definitionsOf are the modules whose releases carry the definitions of custom resources that the cluster has. test/kube pins their versions.
var definitionsOf = []struct{ module, dir string }{
	{"sigs.k8s.io/gateway-api", "config/crd/standard"},
	{"knative.dev/serving", "config/core/300-resources"},
}

func fetchDefinitions(home, dir string) error {
	for _, d := range definitionsOf {
		cmd := exec.Command("go", "mod", "download", "-json", d.module)
		cmd.Dir = home
		data, err := cmd.Output()
		if err != nil {
			return fmt.Errorf("%s: %w\n%s", d.module, err, data)
		}
		var m struct{ Dir string }
		if err := json.Unmarshal(data, &m); err != nil {
			return err
		}
		files, err := filepath.Glob(filepath.Join(m.Dir, d.dir, "*.yaml"))
		if err != nil {
			return err
		}
		if len(files) == 0 {
			return fmt.Errorf("%s has no definitions in %s; find where it keeps them now", d.module, d.dir)
		}
		for _, f := range files {
			content, err := os.ReadFile(f)
			if err != nil {
				return err
			}
			name := strings.ReplaceAll(d.module, "/", "-") + "-" + filepath.Base(f)
			if err := os.WriteFile(filepath.Join(dir, name), content, 0o644); err != nil {
				return err
			}
		}
	}
	return nil
}
