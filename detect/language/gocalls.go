package language

import (
	"fmt"
	"go/ast"
	gotoken "go/token"
	"path"
	"slices"
	"strconv"
	"strings"
)

// listeners are the calls that take an address to listen on, and where among
// their arguments.
var listeners = map[string]int{"ListenAndServe": 0, "ListenAndServeTLS": 0, "Run": 0, "RunTLS": 0, "Start": 0, "StartTLS": 0, "Listen": 0, "ListenPacket": 1}

func (g goDecl) call(c *ast.CallExpr) {
	name := callee(c)
	recv, fn, method := strings.Cut(name, ".")
	if !method {
		fn = name
	}
	if readsEnv(c) && len(c.Args) == 1 {
		if v, ok := g.str(c.Args[0]); ok {
			g.addEnv(v, g.file, g.line(c), name)
			g.fallback(c, v)
		}
	} else if i, ok := g.reads[g.qualified(recv, fn, method)]; ok && i < len(c.Args) {
		if v, ok := g.str(c.Args[i]); ok {
			g.addEnv(v, g.file, g.line(c), fmt.Sprintf("%s(%q)", fn, v))
			for k, a := range c.Args {
				if p, ok := g.port(a); ok && k != i && bindName(v) {
					g.addPort(p, g.file, g.line(c), "default of environment variable "+v)
				}
			}
		}
	}
	if name == "cmp.Or" && len(c.Args) > 1 {
		if inner, ok := c.Args[0].(*ast.CallExpr); ok && readsEnv(inner) && len(inner.Args) == 1 {
			v, _ := g.str(inner.Args[0])
			if p, ok := g.port(c.Args[len(c.Args)-1]); ok && bindName(v) {
				g.addPort(p, g.file, g.line(c), "default of environment variable "+v)
			}
		}
	}
	switch name {
	case "os.StartProcess", "syscall.ForkExec", "syscall.StartProcess", "unix.ForkExec":
		g.spawns = append(g.spawns, Fact{name, g.file, g.line(c), "call of " + name})
	case "net.Listen", "tls.Listen", "net.ListenPacket":
		if len(c.Args) > 1 {
			g.bind(c.Args[1], name)
		}
		return
	case "net.ListenTCP", "net.ListenUDP", "exec.Command":
		return
	}
	if i, ok := listeners[fn]; ok && method && i < len(c.Args) && recv != "exec" {
		g.bind(c.Args[i], fn)
	}
	g.flag(fn, c)
	g.route(recv, fn, method, c)
	g.asset(name, c)
}

// qualified names a called function by its package; "" for a method.
func (g goDecl) qualified(recv, fn string, selector bool) string {
	if !selector {
		return g.ast.Name.Name + "." + fn
	}
	for _, spec := range g.ast.Imports {
		imp, _ := strconv.Unquote(spec.Path.Value)
		base := path.Base(imp)
		if spec.Name != nil && spec.Name.Name == recv || spec.Name == nil && base == recv {
			return base + "." + fn
		}
	}
	return ""
}

// bind notes an address that is listened on.
func (g goDecl) bind(e ast.Expr, why string) {
	if p, ok := g.port(e); ok {
		if s, ok := stringLit(e); ok {
			why = "literal " + why + " " + strconv.Quote(s)
		} else {
			why += ", a constant"
		}
		g.addPort(p, g.file, g.line(e), why)
	}
}

// flag notes the default of a flag that says where to listen. The value
// stands right after the name, in pflag after a shorthand.
func (g goDecl) flag(fn string, c *ast.CallExpr) {
	i := 0
	switch strings.TrimSuffix(fn, "P") {
	case "String", "Int", "Uint", "Uint16":
	case "StringVar", "IntVar", "UintVar", "Uint16Var":
		i = 1
	default:
		return
	}
	if len(c.Args) < i+3 {
		return
	}
	name, ok := stringLit(c.Args[i])
	if !ok || !bindName(name) {
		return
	}
	value := c.Args[i+1]
	if strings.HasSuffix(fn, "P") && len(c.Args) > i+3 {
		value = c.Args[i+2]
	}
	if p, ok := g.port(value); ok {
		s, _ := g.str(value)
		why := "default of -" + name
		if s != "" && s != p {
			why += " " + strconv.Quote(s)
		}
		g.addPort(p, g.file, g.line(value), why)
	}
}

// fallback finds `port := os.Getenv("PORT"); if port == "" { port = "8080" }`.
func (g goDecl) fallback(c *ast.CallExpr, v string) {
	if !bindName(v) {
		return
	}
	for _, decl := range g.ast.Decls {
		if decl.Pos() > c.Pos() || decl.End() < c.End() {
			continue
		}
		target := ""
		ast.Inspect(decl, func(n ast.Node) bool {
			a, ok := n.(*ast.AssignStmt)
			if !ok || len(a.Lhs) == 0 || len(a.Rhs) == 0 {
				return true
			}
			id, ok := a.Lhs[0].(*ast.Ident)
			if !ok {
				return true
			}
			if a.Pos() <= c.Pos() && c.End() <= a.End() {
				target = id.Name
			} else if target != "" && id.Name == target && a.Pos() > c.End() {
				if p, ok := g.port(a.Rhs[0]); ok {
					g.addPort(p, g.file, g.line(a), "default of environment variable "+v)
					target = ""
				}
			}
			return true
		})
	}
}

// routers are the methods that register a handler for a path.
var routers = []string{"Handle", "HandleFunc", "GET", "Get", "HEAD", "Head", "Any", "All", "Path", "Route", "Group", "Mount", "Method", "Add", "Use"}

func (g goDecl) route(recv, fn string, method bool, c *ast.CallExpr) {
	for i, a := range c.Args {
		s, ok := stringLit(a)
		if !ok {
			continue
		}
		p, ok := healthPath(s)
		switch {
		case !ok || i > 1:
		case recv == "http" && (fn == "Get" || fn == "Head" || fn == "NewRequest") || recv == "path" || recv == "url" || recv == "filepath":
		case method && slices.Contains(routers, fn):
			g.addHealth(p, g.file, g.line(a), 0, fmt.Sprintf("%s(%q)", fn, s))
		case fn == "HasPrefix" || fn == "HasSuffix" || fn == "EqualFold":
			g.addHealth(p, g.file, g.line(a), 1, fmt.Sprintf("%s(%q)", fn, s))
		}
	}
}

// asset notes files and directories of the tree that the program reads by
// names relative to its working directory.
func (g goDecl) asset(name string, c *ast.CallExpr) {
	switch name {
	case "http.Dir", "os.DirFS", "os.Open", "os.ReadFile", "os.ReadDir", "template.ParseFiles", "template.ParseGlob", "http.ServeFile", ".ParseFiles", ".ParseGlob":
	default:
		return
	}
	for _, a := range c.Args {
		s, ok := g.str(a)
		if !ok || s == "" || path.IsAbs(s) {
			continue
		}
		if i := strings.IndexAny(s, "*?["); i >= 0 {
			s, _ = split(s[:i])
		}
		p := path.Join(g.scan.dir, s)
		if p == g.scan.dir || strings.HasPrefix(p, "..") || !g.has(p) && len(g.under(p)) == 0 || slices.Contains(g.assets, p) {
			continue
		}
		g.assets = append(g.assets, p)
	}
}

func stringLit(e ast.Expr) (string, bool) {
	l, ok := e.(*ast.BasicLit)
	if !ok || l.Kind != gotoken.STRING {
		return "", false
	}
	s, err := strconv.Unquote(l.Value)
	return s, err == nil
}

// str is the string that an expression comes to, through constants.
func (g goDecl) str(e ast.Expr) (string, bool) {
	for range 4 {
		if s, ok := stringLit(e); ok {
			return s, true
		}
		id, ok := e.(*ast.Ident)
		if !ok {
			return "", false
		}
		next, ok := g.locals[id.Name]
		if !ok {
			if next, ok = g.consts[id.Name]; !ok {
				return "", false
			}
		}
		e = next
	}
	return "", false
}

// port is the port that an expression comes to: a string, a number, or one of
// them after what ends in a colon.
func (g goDecl) port(e ast.Expr) (string, bool) {
	if s, ok := g.str(e); ok {
		return portOf(s)
	}
	for range 4 {
		switch x := e.(type) {
		case *ast.BasicLit:
			return portOf(x.Value)
		case *ast.BinaryExpr: // host + ":" + port
			if x.Op != gotoken.ADD {
				return "", false
			}
			if s, ok := g.str(x.Y); ok && strings.Contains(s, ":") {
				return portOf(s)
			}
			left := x.X
			if b, ok := left.(*ast.BinaryExpr); ok {
				left = b.Y
			}
			if s, ok := g.str(left); !ok || !strings.HasSuffix(s, ":") {
				return "", false
			}
			if s, ok := g.str(x.Y); ok {
				return portOf(s)
			}
			e = x.Y
		case *ast.Ident:
			next, ok := g.locals[x.Name]
			if !ok {
				if next, ok = g.consts[x.Name]; !ok {
					return "", false
				}
			}
			e = next
		default:
			return "", false
		}
	}
	return "", false
}
