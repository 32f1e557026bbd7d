package dockerfile

import (
	"strings"

	"github.com/deploylift/lift/detect"
)

// sample puts an instruction into a small Dockerfile: a Node.js program that answers HTTP.
func sample(k detect.Key) map[string]string {
	lines := []string{"FROM node:22-slim", "WORKDIR /srv/web", "COPY server.js ./", "EXPOSE 3000", `CMD ["node", "server.js"]`}
	verb, _, _ := strings.Cut(k.Name, " ")
	at := len(lines) - 1 // before the command, where no line is of its kind
	for i, l := range lines {
		if strings.HasPrefix(l, verb+" ") {
			at = i
			lines[i] = ""
		}
	}
	var b strings.Builder
	if k.Name == "COPY --from" {
		b.WriteString("FROM node:22-slim AS build\nRUN touch /a\n")
	}
	for i, l := range lines {
		if i == at {
			b.WriteString(k.Example + "\n")
		}
		if l != "" {
			b.WriteString(l + "\n")
		}
	}
	return map[string]string{"Dockerfile": b.String(), "server.js": "require('node:http').createServer((q, r) => r.end('ok')).listen(3000)\n"}
}
