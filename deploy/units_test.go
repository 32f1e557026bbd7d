package deploy

import "testing"

func TestUnits(t *testing.T) {
	size, memory, cpu := At("volumes", "a", "size"), At("workloads", "a", "resources", "memory", "limit"), At("workloads", "a", "resources", "cpu", "request")
	grace, replicas := At("workloads", "a", "stop", "grace"), At("workloads", "a", "scale", "replicas")
	for _, c := range []struct {
		path              Path
		text, exact, back string // exact "": refused
	}{
		{size, "5Gi", "5368709120", "5Gi"},
		{size, "1.5Gi", "1610612736", "1536Mi"},
		{size, "2G", "2000000000", "1953125Ki"},
		{size, "7", "7", "7"},
		{size, "5 GB", "", ""},
		{size, "-1Gi", "", ""},
		{size, "1e9", "", ""},
		{size, "0.3", "", ""},
		{size, "99999999Ti", "", ""},
		{memory, "unlimited", "unlimited", "unlimited"},
		{cpu, "250m", "250000000", "250m"},
		{cpu, "1.5", "1500000000", "1500m"},
		{cpu, "2", "2000000000", "2"},
		{cpu, "half", "", ""},
		{grace, "90s", "90s", "90s"},
		{grace, "90", "", ""},
		{replicas, "3", "3", "3"},
		{replicas, "-3", "", ""},
		{replicas, "many", "", ""},
		{At("workloads", "a", "autostart"), "perhaps", "", ""},
		{At("workloads", "a"), "x", "", ""},
		{At("workloads", "a", "colour"), "red", "", ""},
	} {
		exact, err := FromUnits(c.path, c.text)
		if exact != c.exact || (err == nil) != (c.exact != "") {
			t.Errorf("%s %q: got %q, %v; want %q", c.path, c.text, exact, err, c.exact)
		}
		if back := InUnits(c.path, exact); err == nil && back != c.back {
			t.Errorf("%s %q: printed as %q, want %q", c.path, c.text, back, c.back)
		}
	}
}
