package main

import "strings"

// pypi is what pip install gets in the stand-ins for Python: the packages of Debian, under the versions that the example systems pin. Where Debian's version is another one, that is said here.
var pypi = []struct{ pin, debian string }{
	{"celery==5.5.3", "python3-celery"}, // 5.5.2
	{"django==5.2.7", "python3-django"}, // 4.2
	{"gunicorn==23.0.0", "python3-gunicorn"},
	{"psycopg==3.2.10", "python3-psycopg"},          // 3.2.6
	{"psycopg-binary==3.2.10", "python3-psycopg-c"}, // 3.2.6, with libpq in the wheel as upstream has it
	{"redis==5.2.1", "python3-redis"},               // 6.1; what celery 5.5 allows is older
	// what those need beside what Debian's packages of them need
	{"async-timeout", "python3-async-timeout"},
	{"six", "python3-six"},
	{"typing-extensions", "python3-typing-extensions"},
}

// pypiArgs are the arguments of the Dockerfile.
func pypiArgs(debian string) map[string]string {
	var packages, pins []string
	for _, p := range pypi {
		packages = append(packages, p.debian)
		if strings.Contains(p.pin, "==") {
			pins = append(pins, p.pin)
		}
	}
	return map[string]string{"DEBIAN": debian, "PACKAGES": strings.Join(packages, " "), "PINS": strings.Join(pins, " ")}
}
