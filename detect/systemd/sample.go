package systemd

import (
	"strings"

	"github.com/deploylift/lift/detect"
)

// sample puts a directive into a small system: a Node.js program with another service beside it.
func sample(k detect.Key) map[string]string {
	files := map[string]string{
		"app/package.json": `{"name": "app", "main": "server.js", "engines": {"node": "22"}}` + "\n",
		"app/server.js":    "require('node:http').createServer((q, r) => { if (q.url === '/healthz') r.end('ok'); else r.end('hello') }).listen(process.env.PORT)\n",
		"orders.service":   "[Service]\nExecStart=/usr/bin/orders\nDynamicUser=yes\n\n[Install]\nWantedBy=multi-user.target\n",
	}
	sections := map[string][]string{
		"Service": {"ExecStart=/usr/bin/node server.js", "WorkingDirectory=/opt/app", "User=990", "Environment=PORT=3000", "Restart=always"},
		"Install": {"WantedBy=multi-user.target"},
	}
	file := "app.service"
	switch k.Section {
	case "Timer":
		sections["Service"] = append(sections["Service"][:4], "Type=oneshot")
		timer := []string{"OnCalendar=daily", "Unit=app.service"}
		files["app.timer"] = "[Timer]\n" + strings.Join(with(timer, k), "\n") + "\n\n[Install]\nWantedBy=timers.target\n"
	case "Socket":
		files["app.socket"] = "[Socket]\n" + strings.Join(with([]string{"ListenStream=3000"}, k), "\n") + "\n"
		if k.Name == "Accept" {
			file = "app@.service"
		}
	case "Service", "Unit", "Install":
		sections[k.Section] = with(sections[k.Section], k)
		if strings.HasSuffix(k.Name, "DirectoryMode") {
			sections["Service"] = append(sections["Service"], strings.TrimSuffix(k.Name, "Mode")+"=app")
		}
	default:
		files["app."+strings.ToLower(k.Section)] = "[" + k.Section + "]\n" + k.Name + "=" + k.Example + "\n"
	}
	var b strings.Builder
	for _, name := range []string{"Unit", "Service", "Install"} {
		if lines := sections[name]; len(lines) > 0 {
			b.WriteString("[" + name + "]\n" + strings.Join(lines, "\n") + "\n\n")
		}
	}
	files[file] = strings.TrimRight(b.String(), "\n") + "\n"
	return files
}

// with adds the row's example; it takes the place of a line of the same key.
func with(lines []string, k detect.Key) []string {
	var out []string
	for _, l := range lines {
		if !strings.HasPrefix(l, k.Name+"=") {
			out = append(out, l)
		}
	}
	return append(out, k.Name+"="+k.Example)
}
