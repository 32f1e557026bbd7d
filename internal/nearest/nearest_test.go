package nearest

import "testing"

func TestName(t *testing.T) {
	known := []string{"MemoryMax", "MemoryMin", "restart", "ports"}
	for name, want := range map[string]string{
		"MemoryMaxx": "MemoryMax", "memorymax": "MemoryMax", "MemroyMin": "MemoryMin", "restrat": "restart", "port": "ports", "colour": "", "x": "", "": "",
	} {
		if got := Name(name, known); got != want {
			t.Errorf("%q: got %q, want %q", name, got, want)
		}
	}
}
