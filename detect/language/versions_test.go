package language

import "testing"

func TestNodeMajor(t *testing.T) {
	for in, want := range map[string]string{
		"22": "22", "22.x": "22", "v20.11.1": "20", "^20.1": "20", "~18.19.0": "18", ">=20 <23": "22", ">= 20 < 23": "22",
		">=18": "22", ">=18.0.0": "22", ">18": "22", "<22": "20", "<=20": "20", ">=23": "24", ">=24.1": "24", "20 || 24": "24",
		"18 - 20.3": "20", "18.1.0 - 20": "20", "*": "22", "": "22", "lts/*": "22", "lts/jod": "22", "lts/Iron": "20", "node": "22", "21.x": "21",
		"^21": "21", ">=20.10 <20.5": "", "banana": "", "lts/pear": "", "=16.0.0": "16", "0.12": "", ">=14.0.0 <15 || >=16": "22", "~20": "20",
		"^18.17.0 || >=20.5.0": "22", ">22 <24": "23", "22.0.0-rc.1": "22", "99": "", "99999999999999999999": "", "-1": "", "1.2.3.4.5": "",
		"20.x.x": "20", "!=22": "24",
	} {
		got, ok := nodeMajor(in)
		if got != want || ok != (want != "") {
			t.Errorf("nodeMajor(%q) = %q, %v; want %q", in, got, ok, want)
		}
	}
}

func TestPythonMinor(t *testing.T) {
	for in, want := range map[string]string{
		"3.11.4": "3.11", "python-3.12.1": "3.12", ">=3.9,<3.13": "3.12", ">=3.9, <3.13": "3.12", "~=3.10": "3.13", "~=3.10.1": "3.10", "==3.11.*": "3.11",
		">=3.8": "3.13", "^3.11": "3.13", "~3.11": "3.11", "3.11.*": "3.11", "3": "3.13", ">=3.14": "3.14", "!=3.13.*,>=3.8": "3.14",
		"!=3.13.1,>=3.8": "3.13", "2.7": "2.7", "<3.14": "3.13", ">=3.10,<4.0": "3.13", "3.13.0rc1": "3.13", "*": "3.13", "pypy3.10": "", "3.99": "",
		"cpython-3.12.3-linux-x86_64-gnu": "3.12", ">3.10,<3.12": "3.11", "<=3.9": "3.9",
	} {
		got, ok := pythonMinor(in)
		if got != want || ok != (want != "") {
			t.Errorf("pythonMinor(%q) = %q, %v; want %q", in, got, ok, want)
		}
	}
}

func TestGoMinor(t *testing.T) {
	for in, want := range map[string]string{"1.26": "1.26", "1.26.8": "1.26", "go1.25.1": "1.25", "1.21rc2": "1.21", "1.22-custom": "1.22", "x": "x"} {
		if got := goMinor(in); got != want {
			t.Errorf("goMinor(%q) = %q; want %q", in, got, want)
		}
	}
}

func FuzzVersions(f *testing.F) {
	for _, s := range []string{">=20 <23", "~=3.10.1", "18 - 20", "||", ">=", "- -", "lts/", "1.2.3-rc.1+b"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		nodeMajor(s)
		pythonMinor(s)
		goMinor(s)
	})
}
