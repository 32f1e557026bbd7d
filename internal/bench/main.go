// Command bench measures whole runs of lift and prints them as ratios, taken in one run on one machine: against a Go program that does nothing, and against git ls-files for the large tree.
//
//	go run ./internal/bench
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

const (
	runs     = 15
	services = 200
	files    = 100_000
)

func main() {
	if err := bench(); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// pair is one measurement: a command, what it is compared with, and the ratio that it should stay below.
type pair struct {
	name      string
	cmd, base []string
	aim       float64
	exits     int // the exit code that is right
}

func bench() error {
	tmp, err := os.MkdirTemp("", "lift-bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	root, err := output("go", "list", "-m", "-f", "{{.Dir}}")
	if err != nil {
		return err
	}
	lift, empty := filepath.Join(tmp, "lift"), filepath.Join(tmp, "empty")
	if err := os.WriteFile(empty+".go", []byte("package main\n\nfunc main() {}\n"), 0o644); err != nil {
		return err
	}
	for _, args := range [][]string{{"build", "-o", lift, "./cmd/lift"}, {"build", "-o", empty, empty + ".go"}} {
		c := exec.Command("go", args...)
		c.Dir, c.Stderr = root, os.Stderr
		if err := c.Run(); err != nil {
			return err
		}
	}
	large, many := filepath.Join(tmp, "large"), filepath.Join(tmp, "many")
	if err := largeTree(large); err != nil {
		return err
	}
	if err := manyServices(many); err != nil {
		return err
	}
	bookshop := filepath.Join(root, "fixtures", "apps", "bookshop")
	out := func(name string) string { return filepath.Join(tmp, "out-"+name) }
	pairs := []pair{
		{"lift --help / empty program", []string{lift, "--help"}, []string{empty}, 4, 0},
		{"bookshop to Kubernetes / empty program", []string{lift, "migrate", bookshop, "--to", "kubernetes", "--out", out("bookshop")}, []string{empty}, 20, 0},
		{fmt.Sprintf("%d services to Kubernetes / empty program", services), []string{lift, "migrate", many, "--to", "kubernetes", "--out", out("many")}, []string{empty}, 0, 0},
		{fmt.Sprintf("detect in %d files / git ls-files", files), []string{lift, "detect", large}, []string{"git", "-C", large, "ls-files", "-z", "-co", "--exclude-standard"}, 2, 0},
	}
	fmt.Printf("CPU time of whole processes, user and system, median of %d runs in turn\n", runs)
	for _, p := range pairs {
		a, b, err := p.measure()
		if err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
		ratio := float64(a) / float64(b)
		aim := ""
		if p.aim > 0 {
			aim = fmt.Sprintf("  (aim: at most %g)", p.aim)
		}
		fmt.Printf("%-48s %8.1f ms / %6.1f ms = %5.1f%s\n", p.name, ms(a), ms(b), ratio, aim)
	}
	return nil
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// measure runs both commands in turn and returns their medians.
func (p pair) measure() (a, b time.Duration, err error) {
	var as, bs []time.Duration
	for i := range runs + 1 {
		x, err := cpu(p.cmd, p.exits)
		if err != nil {
			return 0, 0, err
		}
		y, err := cpu(p.base, 0)
		if err != nil {
			return 0, 0, err
		}
		if i > 0 { // the first run warms the caches
			as, bs = append(as, x), append(bs, y)
		}
	}
	slices.Sort(as)
	slices.Sort(bs)
	return as[runs/2], bs[runs/2], nil
}

func cpu(args []string, want int) (time.Duration, error) {
	c := exec.Command(args[0], args[1:]...)
	c.Stdout = io.Discard
	var text strings.Builder
	c.Stderr = &text
	err := c.Run()
	var exit *exec.ExitError
	if err != nil && (!errors.As(err, &exit) || exit.ExitCode() != want) {
		return 0, fmt.Errorf("%s: %w\n%s", strings.Join(args, " "), err, text.String())
	}
	return c.ProcessState.UserTime() + c.ProcessState.SystemTime(), nil
}

func output(args ...string) (string, error) {
	b, err := exec.Command(args[0], args[1:]...).Output()
	return strings.TrimSpace(string(b)), err
}

// largeTree is a repository of many files with one service in it.
func largeTree(dir string) error {
	for i := range 100 {
		sub := filepath.Join(dir, "src", fmt.Sprintf("p%02d", i))
		if err := os.MkdirAll(sub, 0o755); err != nil {
			return err
		}
		for j := range files / 100 {
			if err := os.WriteFile(filepath.Join(sub, fmt.Sprintf("file%04d.txt", j)), []byte("x\n"), 0o644); err != nil {
				return err
			}
		}
	}
	if err := service(dir, 0); err != nil {
		return err
	}
	for _, args := range [][]string{{"init", "-q"}, {"add", "."}, {"-c", "user.name=bench", "-c", "user.email=bench@localhost", "commit", "-q", "-m", "tree"}} {
		c := exec.Command("git", append([]string{"-C", dir}, args...)...)
		c.Stderr = os.Stderr
		if err := c.Run(); err != nil {
			return err
		}
	}
	return nil
}

func manyServices(dir string) error {
	for i := range services {
		if err := service(dir, i); err != nil {
			return err
		}
	}
	return nil
}

// service writes one unit with the program that it runs.
func service(dir string, i int) error {
	name := fmt.Sprintf("svc%03d", i)
	unit := fmt.Sprintf(`[Unit]
Description=Service %[2]d
After=network-online.target

[Service]
User=990
Group=990
WorkingDirectory=/opt/shop/%[1]s
Environment=PORT=%[3]d LOG_LEVEL=info "MOTTO=number %[2]d"
Environment=CACHE_SIZE=%[2]d UPSTREAM=http://127.0.0.1:%[4]d
ExecStart=/usr/bin/node server.js --name %[1]s
Restart=always
RestartSec=2
TimeoutStopSec=20
MemoryMax=256M
CPUQuota=50%%
TasksMax=64
StateDirectory=%[1]s
NoNewPrivileges=yes
ProtectSystem=strict
PrivateTmp=yes

[Install]
WantedBy=multi-user.target
`, name, i, 10000+i, 10000+(i+1)%services)
	for p, text := range map[string]string{
		"deploy/" + name + ".service": unit,
		name + "/package.json":        `{"name": "` + name + `", "main": "server.js", "engines": {"node": "22"}}` + "\n",
		name + "/server.js":           "require('node:http').createServer((q, r) => r.end('ok')).listen(process.env.PORT)\n",
	} {
		full := filepath.Join(dir, p)
		if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(full, []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}
