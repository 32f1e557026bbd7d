package compose

import (
	"strings"

	"github.com/deploylift/lift/detect"
)

// line is one key of a compose file with its value in YAML's flow style; path is "services.web.image".
type line struct{ path, value string }

// base is a small system: a program that answers HTTP.
var base = []line{
	{"services.web.image", "example.org/web:1.4"},
	{"services.web.command", "[node, server.js]"},
	{"services.web.environment.PORT", `"3000"`},
	{"services.web.ports", `["3000:3000"]`},
}

var check = []line{{"services.web.healthcheck.test", `[CMD, curl, -f, "http://localhost:3000/"]`}}

// company is what a row's example does not work without.
var company = map[string][]line{
	"services.*.build.target":                       {{"services.web.build.context", "."}},
	"services.*.build.args":                         {{"services.web.build.context", "."}},
	"services.*.configs":                            {{"configs.nginx.file", "./nginx.conf"}},
	"services.*.cpu_period":                         {{"services.web.cpu_quota", "150000"}},
	"services.*.depends_on":                         {{"services.db.image", "postgres:17"}, {"services.db.healthcheck.test", "[CMD, pg_isready]"}},
	"services.*.deploy.restart_policy.max_attempts": {{"services.web.deploy.restart_policy.condition", "on-failure"}},
	"services.*.healthcheck.interval":               check,
	"services.*.healthcheck.timeout":                check,
	"services.*.healthcheck.start_period":           check,
	"services.*.healthcheck.retries":                check,
	"services.*.healthcheck.start_interval":         check,
	"services.*.extends":                            {{"services.base.image", "example.org/base:1.4"}},
	"services.*.links":                              {{"services.db.image", "postgres:17"}},
	"services.*.memswap_limit":                      {{"services.web.mem_limit", "512m"}},
	"services.*.models":                             {{"models.llm.model", "ai/smollm2"}},
	"services.*.secrets":                            {{"secrets.db.file", "./db.txt"}},
	"services.*.volumes":                            {{"volumes.data", "{}"}},
	"services.*.volumes_from":                       {{"services.db.image", "postgres:17"}},
}

// aKey is a key that a row whose name ends in "*" stands for.
var aKey = map[string]string{"ulimits.*": "nproc", "logging.options.*": "max-size"}

const recipe = `FROM node:22-slim AS prod
ARG VERSION=0
WORKDIR /srv/web
COPY . ./
CMD ["node", "server.js"]
`

// sample puts a key into a small system.
func sample(k detect.Key) map[string]string {
	name := k.Name
	if front, ok := strings.CutSuffix(name, "*"); ok {
		name = front + aKey[k.Name]
	}
	if k.Section != "" {
		name = strings.ReplaceAll(k.Section, "*", "web") + "." + name
	}
	lines := with(base, line{name, k.Example})
	for _, l := range company[k.Section+"."+k.Name] {
		lines = with(lines, l)
	}
	var b strings.Builder
	write(&b, "", lines)
	files := map[string]string{"compose.yaml": b.String()}
	switch {
	case k.Section == "":
	case k.Name == "build" || k.Name == "build.context":
		files["web/Dockerfile"] = recipe
	case k.Name == "build.dockerfile":
		files[k.Example] = recipe
	case strings.HasPrefix(k.Name, "build."):
		files["Dockerfile"] = recipe
	case k.Name == "configs":
		files["nginx.conf"] = "events {}\n"
	case k.Name == "env_file":
		files[k.Example] = "LOG_LEVEL=debug\n"
	case k.Name == "label_file":
		files[k.Example] = "a=b\n"
	}
	return files
}

// with adds a line; it takes the place of the first that says the same key or something below it.
func with(lines []line, l line) []line {
	var out []line
	done := false
	for _, old := range lines {
		switch {
		case old.path != l.path && !strings.HasPrefix(old.path, l.path+"."):
			out = append(out, old)
		case !done:
			out, done = append(out, l), true
		}
	}
	if !done {
		out = append(out, l)
	}
	return out
}

// write prints the lines, those with the same front together, where the first of them stands.
func write(b *strings.Builder, indent string, lines []line) {
	for len(lines) > 0 {
		key, _, nested := strings.Cut(lines[0].path, ".")
		if !nested {
			b.WriteString(indent + key + ": " + lines[0].value + "\n")
			lines = lines[1:]
			continue
		}
		var below, others []line
		for _, l := range lines {
			if rest, ok := strings.CutPrefix(l.path, key+"."); ok {
				below = append(below, line{rest, l.value})
			} else {
				others = append(others, l)
			}
		}
		b.WriteString(indent + key + ":\n")
		write(b, indent+"  ", below)
		lines = others
	}
}
