package language

import "testing"

func TestNode(t *testing.T) {
	for _, tt := range []struct{ name, files, want string }{
		{"everything is said", `
-- storefront/package.json --
{
  "name": "@bookshop/storefront",
  "main": "lib/other.js",
  "scripts": {
    "start": "NODE_ENV=production node --enable-source-maps server.js",
    "build": "tsc"
  },
  "engines": { "node": ">=20 <23" },
  "packageManager": "pnpm@9.1.0",
  "dependencies": { "express": "5.3.0" }
}
-- storefront/pnpm-lock.yaml --
-- storefront/server.js --
`, `
storefront in storefront
language "node" storefront/package.json:0 (package.json)
version "22" storefront/package.json:8 (engines.node >=20 <23)
manager "pnpm" storefront/package.json:9 (packageManager pnpm@9.1.0)
lockfile "storefront/pnpm-lock.yaml" storefront/pnpm-lock.yaml:0 (pnpm-lock.yaml)
install "pnpm install --frozen-lockfile" storefront/pnpm-lock.yaml:0 (pnpm-lock.yaml)
build "pnpm run build" storefront/package.json:6 (scripts.build: tsc)
start "NODE_ENV=production node --enable-source-maps server.js" storefront/package.json:5 (scripts.start)
main "server.js" storefront/package.json:5 (scripts.start)
framework "express" storefront/package.json:10 (dependency express)
`},
		{"nothing is said", `
-- package.json --
{}
-- index.js --
`, `
index in .
language "node" package.json:0 (package.json)
version "22" (default: the tree names no version of Node.js)
manager "npm" (default: neither packageManager nor a lockfile)
install "" package.json:0 (no dependencies)
start "node index.js" index.js:0 (the file exists)
main "index.js" index.js:0 (the file exists)
`},
		{"start leads through other scripts, .nvmrc above, no lockfile", `
-- .nvmrc --
# comment
lts/iron
-- web/package.json --
{"name": "web", "scripts": {"start": "npm run serve",
"prestart": "node migrate.js",
"serve": "node ./src/app"}, "devDependencies": {"nodemon": "3"}}
-- web/src/app.mjs --
`, `
web in web
language "node" web/package.json:0 (package.json)
version "20" .nvmrc:2 (.nvmrc lts/iron)
manager "npm" (default: neither packageManager nor a lockfile)
install "npm install" (no lockfile of npm: what is installed changes with time)
start "node ./src/app" web/package.json:3 (scripts.start, scripts.serve)
main "src/app.mjs" web/package.json:3 (scripts.serve)
web/package.json:2: scripts.prestart (node migrate.js) runs with npm start only, not with "node ./src/app"; make it a step of the build or a job of its own
`},
		{"main is made by the build", `
-- package.json --
{"name": "api", "main": "dist/main.js", "scripts": {"build": "nest build", "start": "node dist/main"}, "dependencies": {"@nestjs/core": "11", "express": "5"}}
-- yarn.lock --
# yarn lockfile v1
-- src/main.ts --
`, `
api in .
language "node" package.json:0 (package.json)
version "22" (default: the tree names no version of Node.js)
manager "yarn" yarn.lock:0 (yarn.lock)
lockfile "yarn.lock" yarn.lock:0 (yarn.lock)
install "yarn install --frozen-lockfile" yarn.lock:0 (yarn.lock)
build "yarn run build" package.json:1 (scripts.build: nest build)
start "node dist/main" package.json:1 (scripts.start)
main "dist/main" package.json:1 (scripts.start)
framework "nest" package.json:1 (dependency @nestjs/core)
`},
		{"members of a workspace share lockfile and manager", `
-- package.json --
{"private": true, "workspaces": ["apps/*", "!apps/old"], "engines": {"node": "^20"}, "devDependencies": {"prettier": "3"}}
-- yarn.lock --
__metadata:
  version: 8
-- apps/web/package.json --
{"name": "web", "main": "index.js", "dependencies": {"koa": "3"}}
-- apps/web/index.js --
-- apps/old/package.json --
{"name": "old", "main": "index.js", "dependencies": {"koa": "3"}}
-- apps/old/index.js --
`, `
old in apps/old
language "node" apps/old/package.json:0 (package.json)
version "22" (default: the tree names no version of Node.js)
manager "npm" (default: neither packageManager nor a lockfile)
install "npm install" (no lockfile of npm: what is installed changes with time)
start "node index.js" apps/old/package.json:1 (main)
main "index.js" apps/old/package.json:1 (main)
framework "koa" apps/old/package.json:1 (dependency koa)
web in apps/web
language "node" apps/web/package.json:0 (package.json)
version "20" package.json:1 (engines.node of the workspace ^20)
manager "yarn" yarn.lock:0 (yarn.lock)
lockfile "yarn.lock" yarn.lock:0 (yarn.lock)
install "yarn install --immutable" yarn.lock:0 (__metadata in yarn.lock)
start "node index.js" apps/web/package.json:1 (main)
main "index.js" apps/web/package.json:1 (main)
framework "koa" apps/web/package.json:1 (dependency koa)
yarn.lock:0: yarn keeps the packages in a cache outside of the tree (Plug'n'Play), of which the image gets nothing; write nodeLinker: node-modules into .yarnrc.yml
`},
		{"a pnpm workspace", `
-- package.json --
{"name": "root", "dependencies": {"turbo": "2"}}
-- pnpm-workspace.yaml --
packages:
  - "packages/**"
-- pnpm-lock.yaml --
-- packages/a/b/package.json --
{"name": "b", "bin": {"bee": "cli.js"}, "dependencies": {"hono": "4"}}
-- packages/a/b/cli.js --
`, `
b in packages/a/b
language "node" packages/a/b/package.json:0 (package.json)
version "22" (default: the tree names no version of Node.js)
manager "pnpm" pnpm-lock.yaml:0 (pnpm-lock.yaml)
lockfile "pnpm-lock.yaml" pnpm-lock.yaml:0 (pnpm-lock.yaml)
install "pnpm install --frozen-lockfile --filter b..." pnpm-lock.yaml:0 (pnpm-lock.yaml)
framework "hono" packages/a/b/package.json:1 (dependency hono)
command "bee" packages/a/b/package.json:1 (bin cli.js)
`},
		{"contradictions", `
-- package.json --
{"name": "x", "main": "x.js", "engines": {"node": "20"}, "dependencies": {"a": "1"}}
-- x.js --
-- .nvmrc --
18
-- .node-version --
gibberish
-- package-lock.json --
-- yarn.lock --
`, `
x in .
language "node" package.json:0 (package.json)
version "20" package.json:1 (engines.node 20)
manager "npm" package-lock.json:0 (package-lock.json)
lockfile "package-lock.json" package-lock.json:0 (package-lock.json)
install "npm ci" package-lock.json:0 (package-lock.json)
start "node x.js" package.json:1 (main)
main "x.js" package.json:1 (main)
.node-version:1: .node-version "gibberish": no node version that lift knows; name a version, such as 22
.nvmrc:1: .nvmrc says 18, but package.json has engines.node 20; make them agree; lift takes node 20
yarn.lock:0: contradicts package-lock.json: two package managers; delete the stale one; lift takes npm
`},
		{"a syntax error hides only its own program", `
-- a/package.json --
{
  "name": "a",
}
-- b/package.json --
{"name": "b", "main": "b.js"}
-- c/pnpm-workspace.yaml --
packages: [a
`, `
a in a
language "node" a/package.json:0 (package.json)
b in b
language "node" b/package.json:0 (package.json)
version "22" (default: the tree names no version of Node.js)
manager "npm" (default: neither packageManager nor a lockfile)
install "" b/package.json:0 (no dependencies)
start "node b.js" b/package.json:1 (main, not in the tree)
main "b.js" b/package.json:1 (main, not in the tree)
a/package.json:3: not JSON: invalid character '}' looking for beginning of object key string; mend the syntax; nothing can be built from it
c/pnpm-workspace.yaml:0: not a list of packages: line 1: did not find expected ',' or ']'; mend the syntax; lift takes its packages for programs on their own
`},
		{"fields of the wrong type, tools only, tests", `
-- a/package.json --
{"name": 7, "scripts": ["x"], "main": {"y": 1}, "engines": "node", "dependencies": null, "workspaces": 3, "bin": 4, "packageManager": []}
-- b/package.json --
{"devDependencies": {"prettier": "3"}}
-- test/e2e/package.json --
{"main": "x.js"}
-- node_modules/z/package.json --
{"main": "x.js"}
`, `
a in a
language "node" a/package.json:0 (package.json)
version "22" (default: the tree names no version of Node.js)
manager "npm" (default: neither packageManager nor a lockfile)
install "" a/package.json:0 (no dependencies)
`},
		{"an unknown package manager; a shell line as start script", `
-- package.json --
{"name": "x", "packageManager": "cnpm@9", "scripts": {"start": "node migrate.js && node server.js"}}
-- server.js --
`, `
x in .
language "node" package.json:0 (package.json)
version "22" (default: the tree names no version of Node.js)
manager "npm" (default: neither packageManager nor a lockfile)
install "" package.json:0 (no dependencies)
start "node migrate.js && node server.js" package.json:1 (scripts.start)
main "server.js" server.js:0 (the file exists)
package.json:1: packageManager cnpm@9: not a package manager that lift knows; use npm, yarn, pnpm or bun
`},
	} {
		t.Run(tt.name, func(t *testing.T) { checkFind(t, tt.files, tt.want) })
	}
}

func TestGlob(t *testing.T) {
	for _, tt := range []struct {
		pattern, dir string
		want         bool
	}{
		{"apps/*", "apps/web", true},
		{"apps/*", "apps/web/x", false},
		{"apps/**", "apps/web/x", true},
		{"**", "a", true},
		{"**/x", "a/b/x", true},
		{"**/a/**/b", "a/a/c/b", true},
		{"**/a/**/b", "a/a/c/d", false},
		{"./apps/w*", "apps/web", true},
		{"apps", "apps", true},
		{"[", "x", false},
	} {
		w := workspace{patterns: []string{tt.pattern}}
		if got := w.member(tt.dir); got != tt.want {
			t.Errorf("%s matches %s: %v", tt.pattern, tt.dir, got)
		}
	}
}
