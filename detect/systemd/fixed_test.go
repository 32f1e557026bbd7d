package systemd

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"github.com/deploylift/lift/detect"
	"github.com/deploylift/lift/ledger"
)

// mappedByHand are the directives that have a function of their own, for which fixed must not speak.
var mappedByHand = map[string]string{
	"Unit": "After Before Requires Wants BindsTo PartOf Requisite StartLimitIntervalSec StartLimitInterval StartLimitBurst ConditionArchitecture",
	"Service": `Type ExecStart ExecStartPre ExecStartPost ExecStop Restart RestartSec TimeoutStartSec TimeoutStopSec TimeoutSec RuntimeMaxSec KillSignal KillMode User Group DynamicUser
		SupplementaryGroups WorkingDirectory Environment EnvironmentFile UnsetEnvironment UMask LimitNOFILE TasksMax MemoryMax MemoryLimit MemoryMin MemoryLow MemorySwapMax CPUQuota CPUWeight
		CapabilityBoundingSet AmbientCapabilities NoNewPrivileges ProtectSystem ReadWritePaths PrivateTmp TemporaryFileSystem RuntimeDirectory RuntimeDirectoryMode StateDirectory
		StateDirectoryMode CacheDirectory CacheDirectoryMode LogsDirectory LogsDirectoryMode SyslogIdentifier StandardInput StandardOutput StandardError
		StartLimitIntervalSec StartLimitInterval StartLimitBurst`,
	"Install": "WantedBy RequiredBy",
	"Socket":  "ListenStream ListenDatagram Accept Service FileDescriptorName",
	"Timer":   "OnCalendar OnActiveSec OnBootSec OnStartupSec OnUnitActiveSec OnUnitInactiveSec Persistent RandomizedDelaySec Unit",
}

// beyondRemedy are dropped directives for which nobody can do anything, with the reason why.
var beyondRemedy = map[string]string{}

func handMapped(section, name string) bool {
	return slices.Contains(strings.Fields(mappedByHand[section]), name)
}

func TestFixedRows(t *testing.T) {
	sections := []string{"Unit", "Service", "Install", "Timer", "Socket", "Path", "Slice"}
	spec := regexp.MustCompile(`^systemd\.[a-z-]+\(5\)$`)
	seen := map[string]bool{}
	reasons := map[string]int{}
	for _, k := range fixed {
		id := k.Section + "." + k.Name
		if seen[id] {
			t.Errorf("%s stands twice", id)
		}
		seen[id] = true
		reasons[k.Reason]++
		switch {
		case handMapped(k.Section, k.Name):
			t.Errorf("%s is mapped by a function", id)
		case !slices.Contains(sections, k.Section):
			t.Errorf("%s: no such section", id)
		case k.Doc == "" || k.Example == "" || k.Reason == "":
			t.Errorf("%s is incomplete", id)
		case !spec.MatchString(k.Spec):
			t.Errorf("%s: specification %q", id, k.Spec)
		case k.Outcome != ledger.Inert && k.Outcome != ledger.Dropped:
			t.Errorf("%s is %s", id, k.Outcome)
		case k.Outcome == ledger.Dropped && k.Remedy == "" && beyondRemedy[id] == "":
			t.Errorf("%s is dropped without a remedy", id)
		}
		for _, text := range []string{k.Doc, k.Reason, k.Remedy} {
			if strings.HasSuffix(text, ".") || text != strings.TrimSpace(text) || strings.Count(text, "`")%2 != 0 {
				t.Errorf("%s: %q ends in a full stop, has white space around it or an odd number of backquotes", id, text)
			}
		}
		if len([]rune(k.Reason)) > 115 {
			t.Errorf("%s: the reason has %d characters", id, len([]rune(k.Reason)))
		}
		// Lower case, unless it begins with an abbreviation.
		if r := []rune(k.Reason + "  "); unicode.IsUpper(r[0]) && !unicode.IsUpper(r[1]) {
			t.Errorf("%s: the reason %q begins in upper case", id, k.Reason)
		}
	}
	for reason, n := range reasons {
		if n > 15 {
			t.Errorf("%d rows share the reason %q", n, reason)
		}
	}
	for section, names := range mappedByHand {
		for name := range strings.FieldsSeq(names) {
			if seen[section+"."+name] {
				t.Errorf("%s.%s is mapped by a function and stands in fixed", section, name)
			}
		}
	}
}

func TestHarmless(t *testing.T) {
	for id, values := range harmless {
		section, name, _ := strings.Cut(id, ".")
		i := slices.IndexFunc(fixed, func(k detect.Key) bool { return k.Section == section && k.Name == name })
		switch {
		case i < 0 || fixed[i].Outcome != ledger.Dropped:
			t.Errorf("%s is not dropped by fixed", id)
		case len(values) == 0:
			t.Errorf("%s has no value", id)
		case asksNothing(section, name, fixed[i].Example):
			t.Errorf("%s=%s is the example of what is dropped", id, fixed[i].Example)
		}
		for _, v := range values {
			if !asksNothing(section, name, v) {
				t.Errorf("%s=%s asks for something", id, v)
			}
		}
	}
	for _, c := range []struct {
		name, value string
		want        bool
	}{
		{"SendSIGKILL", "yes", true},
		{"SendSIGKILL", "On", true},
		{"SendSIGKILL", "1", true},
		{"SendSIGKILL", "no", false},
		{"IgnoreSIGPIPE", "false", true},
		{"IgnoreSIGPIPE", "true", false},
		{"DevicePolicy", "closed", true},
		{"DevicePolicy", "auto", false},
		{"ExecReload", "no", false},
		{"Nothing", "no", false},
		{"SendSIGKILL", "", false},
	} {
		if got := asksNothing("Service", c.name, c.value); got != c.want {
			t.Errorf("%s=%s: %v", c.name, c.value, got)
		}
	}
}

// TestFixedIsComplete holds the table against the manual's own index.
func TestFixedIsComplete(t *testing.T) {
	page := directivesPage(t)
	sections := map[string][]string{ // in which sections the directives of a page may stand; one is enough
		"systemd.unit": {"Unit", "Install"}, "systemd.service": {"Service"}, "systemd.exec": {"Service"}, "systemd.kill": {"Service"}, "systemd.resource-control": {"Service"},
		"systemd.timer": {"Timer"}, "systemd.socket": {"Socket"}, "systemd.path": {"Path"},
	}
	known := func(section, name string) bool {
		if handMapped(section, name) {
			return true
		}
		return slices.ContainsFunc(fixed, func(k detect.Key) bool { return k.Section == section && k.Name == name })
	}
	_, index, _ := strings.Cut(page, `.SH "UNIT DIRECTIVES"`)
	index, _, _ = strings.Cut(index, "\n.SH ")
	index = strings.NewReplacer(`\&`, "", `\-`, "-").Replace(index)
	entries := regexp.MustCompile(`(?s)\\fI(\w+)=\\fR\n\.RS 4\n(.*?)\n\.RE`).FindAllStringSubmatch(index, -1)
	pages := regexp.MustCompile(`\\fB([\w.-]+)\\fR\(5\)`)
	checked := 0
	for _, e := range entries {
		for _, p := range pages.FindAllStringSubmatch(e[2], -1) {
			in, ok := sections[p[1]]
			if !ok {
				continue // mounts, swaps, scopes and the like
			}
			checked++
			if !slices.ContainsFunc(in, func(s string) bool { return known(s, e[1]) }) {
				t.Errorf("%s= of %s(5) is neither mapped nor fixed", e[1], p[1])
			}
			if p[1] == "systemd.resource-control" && !known("Slice", e[1]) {
				t.Errorf("%s= of %s(5) may stand in [Slice] and is not fixed there", e[1], p[1])
			}
		}
	}
	if checked < 400 {
		t.Errorf("only %d directives found in systemd.directives(7)", checked)
	}
}

// TestFixedExamples has systemd itself read the examples.
func TestFixedExamples(t *testing.T) {
	version := systemdVersion(t)
	since := regexp.MustCompile(`\(since (\d+)\)`)
	files := map[string]string{"Unit": "z.service", "Service": "z.service", "Install": "z.service", "Timer": "z.timer", "Socket": "z.socket", "Path": "z.path", "Slice": "shop-z.slice"}
	ignored := map[string]bool{"Delegate=yes": true, "Slice=shop.slice": true} // in slices
	for section, file := range files {
		text := ""
		if strings.HasSuffix(file, ".service") {
			text = "[Service]\nExecStart=/bin/true\n"
		}
		text += "[" + section + "]\n"
		at := map[int]string{}
		gone := false // BindTo= begins the names that systemd has forgotten, or is about to
		for _, k := range fixed {
			gone = gone || k.Name == "BindTo"
			if m := since.FindStringSubmatch(k.Doc); m != nil {
				if n, err := strconv.Atoi(m[1]); err != nil || n > version {
					continue
				}
			}
			if k.Section != section || gone {
				continue
			}
			text += k.Name + "=" + k.Example + "\n"
			at[strings.Count(text, "\n")] = k.Name + "=" + k.Example
		}
		path := filepath.Join(t.TempDir(), file)
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		out, err := exec.CommandContext(t.Context(), "systemd-analyze", "verify", "--man=no", path).CombinedOutput()
		if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(out)) {
			var n int
			_, rest, ok := strings.Cut(line, "/"+file+":")
			if !ok {
				continue // about the unit as a whole: its parts contradict each other
			}
			if _, err := fmt.Sscanf(rest, "%d:", &n); err != nil || section == "Slice" && ignored[at[n]] {
				continue // as its row says
			}
			t.Errorf("[%s] %s: systemd says %s", section, at[n], rest)
		}
	}
}

func directivesPage(t *testing.T) string {
	for _, name := range []string{"/usr/share/man/man7/systemd.directives.7.gz", "/usr/share/man/man7/systemd.directives.7"} {
		data, err := os.ReadFile(name)
		if err != nil {
			continue
		}
		if strings.HasSuffix(name, ".gz") {
			z, err := gzip.NewReader(bytes.NewReader(data))
			if err != nil {
				t.Fatal(err)
			}
			if data, err = io.ReadAll(z); err != nil {
				t.Fatal(err)
			}
		}
		if bytes.Contains(data, []byte(`"systemd 252"`)) {
			return string(data)
		}
	}
	without(t, "systemd.directives(7) of systemd 252 is not on this machine")
	return ""
}

func systemdVersion(t *testing.T) int {
	out, err := exec.CommandContext(t.Context(), "systemd-analyze", "--version").Output()
	if err != nil {
		without(t, "systemd-analyze does not run on this machine")
	}
	var n int
	if _, err := fmt.Sscanf(string(out), "systemd %d", &n); err != nil || n < 252 || n > 255 {
		without(t, "systemd-analyze is not of about version 252")
	}
	return n
}

// without skips a test, or fails it where LIFT_REQUIRE demands systemd.
func without(t *testing.T, why string) {
	t.Helper()
	if strings.Contains(os.Getenv("LIFT_REQUIRE"), "systemd") {
		t.Fatal(why)
	}
	t.Skip(why)
}
