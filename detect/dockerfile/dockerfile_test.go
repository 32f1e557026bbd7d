package dockerfile

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/detect"
	"github.com/deploylift/lift/internal/conform"
	"github.com/deploylift/lift/ledger"
	"github.com/deploylift/lift/verify"
)

func treeOf(files map[string]string) detect.Tree {
	m := fstest.MapFS{}
	for p, text := range files {
		m[p] = &fstest.MapFile{Data: []byte(text)}
	}
	return detect.Tree{FS: m, Paths: slices.Sorted(maps.Keys(m))}
}

type says = map[string][]string

// pieceOf reads a Dockerfile as compose would have it read, with further files beside it: path, text, path, text …
func pieceOf(t testing.TB, text string, o says, more ...string) detect.Result {
	t.Helper()
	files := map[string]string{"web/Dockerfile": text}
	for i := 0; i+1 < len(more); i += 2 {
		files[more[i]] = more[i+1]
	}
	res, err := Source.Piece(treeOf(files), detect.Piece{Source: "dockerfile", Path: "web/Dockerfile", Workload: "web", Options: o})
	if err != nil {
		t.Fatal(err)
	}
	checkResult(t, res)
	return res
}

func checkResult(t testing.TB, res detect.Result) {
	t.Helper()
	for _, p := range verify.Claims(res.App, res.Doc) {
		t.Errorf("%s", p)
	}
	if _, err := ledger.Join(res.Doc); err != nil {
		t.Error(err)
	}
	for _, f := range res.Findings {
		if strings.Contains(f.What, "lift does not know") {
			t.Errorf("left over: %s", f)
		}
	}
}

// leaves prints a model in one line, without what a bare image has.
func leaves(a deploy.App) string {
	bare := map[string]bool{
		"user.id=0": true, "user.groupID=0": true, "dir=/": true, "stop.signal=SIGTERM": true, "stop.scope=mixed": true, "build.stages.0.from=x": true,
	}
	var out []string
	deploy.Visit(a, func(p []byte, l deploy.Leaf) {
		line := strings.TrimPrefix(string(p), "workloads.web.") + "=" + l.String()
		if !l.Presence() && !bare[line] {
			out = append(out, strings.Replace(line, "build.stages.", "", 1))
		}
	})
	return strings.Join(out, "; ")
}

func sorted(line string) string {
	parts := strings.Split(line, "; ")
	slices.Sort(parts)
	return strings.Join(parts, "; ")
}

func TestInstructions(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"FROM x", ""},
		// stages
		{"FROM x AS build\nFROM y", "0.name=build; 1.from=y"},
		{"ARG V=22\nFROM node:${V}-slim", "0.from=node:22-slim"},
		{"FROM x AS Build\nFROM build", "0.name=build; 1.from=build"},
		{"FROM --platform=linux/arm64 x", "placement.arch=arm64"},
		// steps
		{"FROM x\nRUN npm ci && npm test", "0.steps.0.verb=run; 0.steps.0.args=npm ci && npm test"},
		{"FROM x\nRUN apt-get update \\\n    && apt-get install 'a  b' \\\n    # why\n    && true", "0.steps.0.verb=run; 0.steps.0.args=apt-get update && apt-get install 'a  b' && true"},
		{"FROM x\nRUN [\"a\", \"b c\"]", "0.steps.0.verb=run; 0.steps.0.args=a, b c"},
		{"FROM x\nRUN [\"/bin/sh\", \"-c\", \"a b\"]", "0.steps.0.verb=run; 0.steps.0.args=a b"},
		{"FROM x\nRUN --mount=type=cache,target=/root/.npm --mount=type=secret,id=npm npm ci", "0.steps.0.verb=run; 0.steps.0.args=npm ci; 0.steps.0.mounts=type=cache,target=/root/.npm, type=secret,id=npm"},
		{"FROM x\nRUN <<EOF\nset -e\nfoo $A\nEOF", "0.steps.0.verb=run; 0.steps.0.args=set -e\nfoo $A"},
		{"FROM x\nRUN cat <<EOF >/a\nhello\nEOF", "0.steps.0.verb=run; 0.steps.0.args=cat <<EOF >/a\nhello\nEOF"},
		{"FROM x AS b\nFROM y\nCOPY --from=b --chown=990:991 --chmod=0750 --link /a /b /srv/", "0.name=b; 1.from=y; 1.steps.0.verb=copy; 1.steps.0.args=/a, /b, /srv/; 1.steps.0.from=b; 1.steps.0.owner=990:991; 1.steps.0.mode=0750"},
		{"FROM x AS b\nFROM y\nCOPY --from=0 /a /b", "0.name=b; 1.from=y; 1.steps.0.verb=copy; 1.steps.0.args=/a, /b; 1.steps.0.from=b"},
		{"FROM x\nCOPY [\"a b\", \"/c\"]", "0.steps.0.verb=copy; 0.steps.0.args=a b, /c"},
		{"FROM x\nCOPY <<EOF /etc/a\nhello\nEOF", "0.steps.0.verb=copy; 0.steps.0.args=<<EOF\nhello\nEOF, /etc/a"},
		{"FROM x\nADD https://example.org/a.tgz /a", "0.steps.0.verb=add; 0.steps.0.args=https://example.org/a.tgz, /a"},
		{"FROM x\nARG A\nARG B=c", "0.steps.0.verb=arg; 0.steps.0.args=A; 0.steps.1.verb=arg; 0.steps.1.args=B=c"},
		{"ARG V=1\nFROM x\nARG V", "0.steps.0.verb=arg; 0.steps.0.args=V=1"},
		{"FROM x\nLABEL a=\"b c\" d=e", "0.steps.0.verb=label; 0.steps.0.args=a=b c, d=e"},
		{"FROM x\nSHELL [\"/bin/bash\", \"-c\"]\nCMD a", "command.argv=a; command.shell=/bin/bash; 0.steps.0.verb=shell; 0.steps.0.args=/bin/bash, -c"},
		{"FROM x\nVOLUME /data", "0.steps.0.verb=volume; 0.steps.0.args=/data"},
		{"FROM x\nONBUILD RUN a", "0.steps.0.verb=onbuild; 0.steps.0.args=RUN a"},
		// start
		{"FROM x\nCMD [\"node\", \"server.js\"]", "command.argv=node server.js"},
		{"FROM x\nCMD node server.js", "command.argv=\"node server.js\"; command.shell=/bin/sh"},
		{"FROM x\nENTRYPOINT [\"/usr/bin/tini\", \"-g\", \"--\"]\nCMD [\"a\"]", "command.argv=a; stop.scope=group"},
		{"FROM x\nENTRYPOINT [\"/usr/bin/tini\", \"-g\", \"--\", \"/entry\"]", "command.entrypoint=/entry; stop.scope=group"},
		{"FROM x\nENTRYPOINT [\"/entry\"]\nCMD [\"a\", \"b\"]", "command.entrypoint=/entry; command.argv=a b"},
		{"FROM x AS a\nCMD [\"a\"]\nFROM a\nENTRYPOINT [\"b\"]", "command.entrypoint=b; 0.name=a; 1.from=a"},
		{"FROM x\nCMD a\nCMD [\"b\"]", "command.argv=b"},
		{"FROM x\nEXPOSE 8080 53/udp", "ports.53/udp.address=0.0.0.0; ports.53/udp.reachable=true; ports.8080/tcp.address=0.0.0.0; ports.8080/tcp.reachable=true"},
		{"FROM x\nENV P=80\nEXPOSE $P", "env.P.value=80; ports.80/tcp.address=0.0.0.0; ports.80/tcp.reachable=true"},
		{"FROM x\nSTOPSIGNAL 2", "stop.signal=SIGINT"},
		{"FROM x\nUSER 990:991", "user.id=990; user.groupID=991"},
		{"FROM x\nUSER app:staff", "user.name=app; user.group=staff"},
		{"FROM gcr.io/distroless/static-debian12:nonroot", "dir=/home/nonroot; user.id=65532; user.groupID=65532; 0.from=gcr.io/distroless/static-debian12:nonroot"},
		{"FROM x\nENV A=b C=\"d e\"\nENV F g h", "env.A.value=b; env.C.value=d e; env.F.value=g h"},
		{"FROM x\nENV A=1\nENV A=2 B=$A", "env.A.value=2; env.B.value=1"},
		{"FROM x\nENV PATH=/opt/bin:$PATH", "0.steps.0.verb=env; 0.steps.0.args=PATH=/opt/bin:$PATH"},
		{"FROM x\nENV A='$B' C=\\$D", "env.A.value=$B; env.C.value=$D"},
		{
			"FROM x\nHEALTHCHECK --interval=10s --timeout=3s --start-period=5s --retries=2 CMD curl -fsS http://127.0.0.1:8080/healthz",
			"probes.readiness.path=/healthz; probes.readiness.port=8080; probes.readiness.client=curl; probes.readiness.interval=10s; probes.readiness.timeout=3s; probes.readiness.delay=5s; probes.readiness.failures=2",
		},
		{"FROM x\nHEALTHCHECK CMD [\"/check\"]", "probes.readiness.command.argv=/check; probes.readiness.interval=30s; probes.readiness.timeout=30s; probes.readiness.delay=0s; probes.readiness.failures=3"},
		{"FROM x AS a\nHEALTHCHECK CMD /a\nFROM a\nHEALTHCHECK NONE", "0.name=a; 1.from=a"},
		// WORKDIR, USER and ENV: fields, and steps where something depends on them; the place of a WORKDIR that nothing depends on does not matter
		{"FROM x\nWORKDIR /srv\nCOPY --from=y /a /srv/a", "dir=/srv; 0.steps.0.verb=copy; 0.steps.0.args=/a, /srv/a; 0.steps.0.from=y"},
		{"FROM x\nCOPY --from=y /a /srv/a\nWORKDIR /srv", "dir=/srv; 0.steps.0.verb=copy; 0.steps.0.args=/a, /srv/a; 0.steps.0.from=y"},
		{"FROM x\nWORKDIR /srv\nCOPY a ./", "dir=/srv; 0.steps.0.verb=workdir; 0.steps.0.args=/srv; 0.steps.1.verb=copy; 0.steps.1.args=a, ./"},
		{"FROM x\nWORKDIR /a\nRUN b\nWORKDIR c", "dir=/a/c; 0.steps.0.verb=workdir; 0.steps.0.args=/a; 0.steps.1.verb=run; 0.steps.1.args=b"},
		{"FROM x\nUSER root\nRUN a\nUSER 990", "user.id=990; 0.steps.0.verb=user; 0.steps.0.args=root; 0.steps.1.verb=run; 0.steps.1.args=a"},
		{"FROM x\nENV A=1\nRUN a\nENV B=2", "env.A.value=1; env.B.value=2; 0.steps.0.verb=env; 0.steps.0.args=A=1; 0.steps.1.verb=run; 0.steps.1.args=a"},
		{"FROM x\nENV A=1\nCOPY a /$A", "env.A.value=1; 0.steps.0.verb=env; 0.steps.0.args=A=1; 0.steps.1.verb=copy; 0.steps.1.args=a, /$A"},
		// inheritance
		{"FROM x AS a\nWORKDIR /a\nUSER 5\nENV A=1\nEXPOSE 80\nCMD [\"a\"]\nFROM a\nUSER 6", "command.argv=a; dir=/a; env.A.value=1; user.id=6; 0.name=a; 0.steps.0.verb=workdir; 0.steps.0.args=/a; 0.steps.1.verb=user; 0.steps.1.args=5; 0.steps.2.verb=env; 0.steps.2.args=A=1; 1.from=a; ports.80/tcp.address=0.0.0.0; ports.80/tcp.reachable=true"},
		{"FROM x AS a\nWORKDIR /a\nENV A=1\nEXPOSE 80\nCMD [\"a\"]\nFROM y", "0.name=a; 0.steps.0.verb=workdir; 0.steps.0.args=/a; 0.steps.1.verb=env; 0.steps.1.args=A=1; 1.from=y"},
		{"# syntax=docker/dockerfile:1\n# escape=`\nFROM x\nRUN a `\n  b", "0.steps.0.verb=run; 0.steps.0.args=a b"},
	} {
		res := pieceOf(t, c.text, nil)
		for _, f := range res.Findings {
			if f.Severity == ledger.Error {
				t.Errorf("%s\n  finding: %s", c.text, f)
			}
		}
		if got := leaves(res.App); sorted(got) != sorted(c.want) {
			t.Errorf("%s\n  got:  %s\n  want: %s", c.text, got, c.want)
		}
	}
}

func TestOptions(t *testing.T) {
	const text = "ARG V=1\nFROM x:$V AS dev\nCMD [\"dev\"]\nFROM dev AS prod\nENTRYPOINT [\"/e\"]\nCMD [\"prod\"]\nUSER app\nHEALTHCHECK --interval=5s CMD /check\nFROM dev AS test\nRUN test"
	for _, c := range []struct {
		options says
		want    string
	}{
		{says{"target": {"prod"}, "arg": {"V=2"}}, "command.entrypoint=/e; command.argv=prod; user.name=app; 0.name=dev; 0.from=x:2; 1.name=prod; 1.from=dev; " +
			"probes.readiness.command.argv=/check; probes.readiness.command.shell=/bin/sh; probes.readiness.interval=5s; probes.readiness.timeout=30s; probes.readiness.delay=0s; probes.readiness.failures=3"},
		{says{"target": {"prod"}, "without": {"CMD", "ENTRYPOINT", "USER", "HEALTHCHECK"}}, "0.name=dev; 0.from=x:1; 1.name=prod; 1.from=dev"},
		{says{"target": {"prod"}, "without": {"CMD", "TEST", "USER"}}, "command.entrypoint=/e; 0.name=dev; 0.from=x:1; 1.name=prod; 1.from=dev; probes.readiness.interval=5s; probes.readiness.timeout=30s; probes.readiness.delay=0s; probes.readiness.failures=3"},
		{says{"target": {"dev"}}, "command.argv=dev; 0.name=dev; 0.from=x:1"},
	} {
		res := pieceOf(t, text, c.options)
		got := leaves(res.App)
		if sorted(got) != sorted(c.want) {
			t.Errorf("%v\n  got:  %s\n  want: %s", c.options, got, c.want)
		}
	}
}

func TestMinimalIsTotal(t *testing.T) {
	res := pieceOf(t, "FROM x", nil)
	if len(res.Findings) != 0 {
		t.Errorf("findings: %v", res.Findings)
	}
	for path, want := range map[deploy.Path]string{"user.id": "0", "user.groupID": "0", "dir": "/", "stop.signal": "SIGTERM", "stop.scope": "mixed", "build.stages.0.from": "x"} {
		if got, _ := deploy.Text(res.App, "workloads.web."+path); got != want {
			t.Errorf("%s = %q, want %q", path, got, want)
		}
	}
	conform.Total(t, Source, map[string]string{"Dockerfile": "FROM x\n"})
}

// Every row of the table is tried with its example.
func TestKeys(t *testing.T) {
	for _, k := range Source.Keys() {
		if k.Doc == "" || k.Spec == "" || (k.Outcome != ledger.Converted) != (k.Reason != "") {
			t.Errorf("%s: a row without doc, specification or reason", k.Name)
		}
		if k.Example == "" {
			continue
		}
		tree := treeOf(Source.Sample(k))
		res, err := Source.Read(tree, Source.Match(tree.Paths))
		if err != nil {
			t.Fatal(err)
		}
		checkResult(t, res)
		for _, f := range res.Findings {
			if f.Severity == ledger.Error {
				t.Errorf("%s: %s", k.Example, f)
			}
		}
		entries, err := ledger.Join(res.Doc)
		if err != nil {
			t.Fatal(err)
		}
		found := false
		for _, e := range entries {
			if !e.Implied && (e.Key == k.Name || strings.HasPrefix(e.Key, k.Name+" ") && !strings.Contains(e.Key, "--")) {
				found = true
				if e.Outcome != k.Outcome {
					t.Errorf("%s: announced as %s, but %s: %s", k.Example, k.Outcome, e.Outcome, e.Reason)
				}
			}
		}
		if !found {
			t.Errorf("%s: the row was not tried", k.Name)
		}
	}
}

func TestMistakes(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"", "web/Dockerfile: file with no instructions; mend the Dockerfile"},
		{"RUN a", "web/Dockerfile:1: RUN before the first FROM; begin with FROM\nweb/Dockerfile:1: no FROM; begin with FROM"},
		{"FROM x\nRUM a", "web/Dockerfile:2: RUM: unknown instruction: RUM (did you mean RUN?); mend the instruction"},
		{"FROM x\nCOPY a\nADD b", "web/Dockerfile:2: COPY: COPY requires at least two arguments, but only one was provided. Destination could not be determined; mend the instruction\nweb/Dockerfile:3: ADD: ADD requires"},
		{"FROM x\nENV A=1 hunter2", "web/Dockerfile:2: syntax error - can't find = in …. Must be of the form: name=value; mend the Dockerfile"},
		{"FROM x\nEXPOSE 99999", `web/Dockerfile:2: EXPOSE: "99999" is no port or range; write numbers from 1 to 65535`},
		{"FROM x\nEXPOSE http", `web/Dockerfile:2: EXPOSE: "http" is no port; write NUMBER or NUMBER/PROTOCOL`},
		{"FROM x\nEXPOSE $P", `web/Dockerfile:2: EXPOSE $P dropped: its value is not known; write the number`},
		{"FROM x\nSTOPSIGNAL FOO", `web/Dockerfile:2: STOPSIGNAL: unknown signal "FOO"; write SIGTERM or the like`},
		{"FROM x:$V", "web/Dockerfile:1: FROM: V has no value; write ARG V=VALUE before FROM"},
		{"FROM x\nWORKDIR $HOME/a", "web/Dockerfile:2: WORKDIR: its text is known to the base image alone; the program's directory is not known; write the path"},
		{"FROM x\nUSER $U", "web/Dockerfile:2: USER: its text is known to the base image alone; the program's user is not known; write the user"},
		{"FROM x\nENV DB_PASSWORD=hunter2", "web/Dockerfile:2: ENV DB_PASSWORD: a secret stays in the image's history; supply it at the start; in a RUN use --mount=type=secret"},
		{"FROM x\nARG NPM_TOKEN=hunter2", "web/Dockerfile:2: ARG NPM_TOKEN: a default that is a secret stays in the image's history; use RUN --mount=type=secret"},
		{"FROM x\nRUN <<EOF\na", "web/Dockerfile:2: unterminated heredoc; mend the Dockerfile"},
		{"FROM x\n\x00", "web/Dockerfile:2: not a text file: it contains a NUL byte; remove the file or give it another name"},
		{"FROM x\n\xff\xfe", "web/Dockerfile:1: not a text file: it is not UTF-8; save it as UTF-8"},
		{"FROM x\nRUN " + strings.Repeat("a", 70_000), "web/Dockerfile:1: dockerfile line greater than max allowed size of 65535; mend the Dockerfile"},
		{"FROM x\n#" + strings.Repeat("a\n#", 25<<20), "web/Dockerfile:1: the file has 75 MiB; a file of this kind has at most 1 MiB"},
	} {
		res := pieceOf(t, c.text, nil)
		var all []string
		for _, f := range res.Findings {
			all = append(all, f.String())
			if strings.Contains(f.String(), "hunter2") {
				t.Errorf("a message quotes a secret: %s", f)
			}
		}
		if got := strings.Join(all, "\n"); !strings.Contains(got, c.want) {
			t.Errorf("%.60s\n  got:  %s\n  want: %s", c.text, got, c.want)
		}
	}
	if res := pieceOf(t, "FROM x AS a", says{"target": {"b"}}); len(res.Findings) != 1 || res.Findings[0].String() != "web/Dockerfile: there is no stage b; name one of the Dockerfile's stages as the target" {
		t.Errorf("%v", res.Findings)
	}
	if _, err := Source.Piece(treeOf(nil), detect.Piece{Path: "gone", Workload: "w"}); err == nil {
		t.Error("a file that vanished is no error")
	}
}

func TestSecretsStayHidden(t *testing.T) {
	const canary = "hunter2-canary"
	res := pieceOf(t, "FROM x AS a\nENV API_TOKEN="+canary+"\nARG DB_PASSWORD="+canary+"\nLABEL token="+canary+"\nFROM a\nENV DB_PASSWORD="+canary+" U=http://a:"+canary+"@b/\nRUN a\n", nil)
	if out := fmt.Sprintf("%v %+v %v", res.App, res.Doc, res.Findings); strings.Contains(out, canary) {
		t.Errorf("a secret is shown: %s", out)
	}
}

func TestIgnore(t *testing.T) {
	const text = "# comment\n.git\n\nnode_modules/ \n!keep\n"
	for _, c := range []struct {
		options says
		files   []string
		want    string
	}{
		{nil, []string{"web/.dockerignore", text}, ".git, node_modules/, !keep"},
		{nil, []string{"web/.dockerignore", "a\n", "web/Dockerfile.dockerignore", text}, ".git, node_modules/, !keep"},
		{says{"ignore": {".dockerignore"}}, []string{"web/.dockerignore", "a\n", ".dockerignore", text}, ".git, node_modules/, !keep"},
		{says{"ignore": {""}}, []string{"web/.dockerignore", text}, ""},
	} {
		res := pieceOf(t, "FROM x", c.options, c.files...)
		if got := res.App.Workloads[0].Build.Ignore.String(); got != c.want {
			t.Errorf("%v %v: %q", c.options, c.files, got)
		}
	}
	res := pieceOf(t, "FROM x", nil, "web/.dockerignore", text)
	last := res.Doc.Reads[0]
	for _, r := range res.Doc.Reads {
		if s := res.Doc.Settings[r.Setting]; s.At.File == "web/.dockerignore" {
			last = r
		}
	}
	if s := res.Doc.Settings[last.Setting]; s.At.String() != "web/.dockerignore:5" {
		t.Errorf("the last line stands at %s", s.At)
	}
}

func TestAlone(t *testing.T) {
	tree := treeOf(map[string]string{"Dockerfile": "FROM x\nCMD [\"a\"]", "api/Dockerfile": "FROM y", "worker.Dockerfile": "FROM z", "a/b/Dockerfile": "FROM q", "README.md": ""})
	picked := Source.Match(tree.Paths)
	if !slices.Equal(picked, []string{"Dockerfile", "api/Dockerfile", "worker.Dockerfile"}) {
		t.Fatalf("picked %v", picked)
	}
	res, err := Source.Read(tree, picked)
	if err != nil {
		t.Fatal(err)
	}
	checkResult(t, res)
	var got []string
	for _, w := range res.App.Workloads {
		got = append(got, w.Name+" "+w.Build.Context.Or("")+" "+w.Build.File.Or("")+" "+w.Kind.String())
	}
	if want := []string{"api api api/Dockerfile service", "app . Dockerfile service", "worker . worker.Dockerfile service"}; !slices.Equal(got, want) || len(res.Owns) != 3 {
		t.Errorf("%q", got)
	}
	if p := Source.Match([]string{"Dockerfile", "compose.yaml"}); p != nil {
		t.Errorf("picked %v beside a compose file", p)
	}
}

func TestLines(t *testing.T) {
	res := pieceOf(t, "# syntax=docker/dockerfile:1\n\nFROM x\n\n# why\nRUN a \\\n  b\nCMD [\"c\"]\n", nil)
	got := map[string]int{}
	for _, s := range res.Doc.Settings {
		got[s.Key] = s.At.Line
	}
	for key, line := range map[string]int{"# syntax": 1, "FROM": 3, "RUN": 6, "CMD": 8} {
		if got[key] != line {
			t.Errorf("%s stands in line %d, want %d", key, got[key], line)
		}
	}
}

func FuzzRead(f *testing.F) {
	for _, s := range []string{
		"FROM x\nRUN a", "ARG V=1\nFROM x:$V AS a\nWORKDIR /a\nUSER b\nENV A=1 B=$A\nFROM a\nCOPY --from=a a b\nCMD a", "FROM x\nRUN <<EOF\na\nEOF\nCOPY <<\"E\" /a\nb\nE",
		"FROM x\nHEALTHCHECK --interval=1s CMD [\"a\"]\nEXPOSE 80 $A 1-3/udp\nSTOPSIGNAL 9\nVOLUME [\"/a\"]\nSHELL [\"a\"]\nENTRYPOINT []\nCMD []\nONBUILD RUN a\nMAINTAINER a\nLABEL a=b",
		"# escape=`\nFROM x\nENV A `\n b\nWORKDIR $A\nWORKDIR b\nUSER $Z", "FROM x AS a\nENV PATH=/x:$PATH\nFROM a\nENV PATH=$PATH:y\nENV PATH=z\nARG PATH",
	} {
		f.Add(s, "a\n!b\n", "a", "A=1", "CMD")
	}
	f.Fuzz(func(t *testing.T, text, ignore, target, arg, without string) {
		tree := treeOf(map[string]string{"web/Dockerfile": text, "web/.dockerignore": ignore})
		for _, o := range []says{nil, {"target": {target}, "arg": {arg}, "without": {without}}} {
			res, err := Source.Piece(tree, detect.Piece{Path: "web/Dockerfile", Workload: "web", Options: o})
			if err == nil {
				checkResult(t, res)
			}
		}
		res, err := Source.Read(tree, []string{"web/Dockerfile"})
		if err != nil {
			t.Fatal(err)
		}
		checkResult(t, res)
	})
}
