package deploy

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Scalar is what an Opt may hold: every scalar of the model has an exact text form, so that a value can be printed, parsed and compared without floats.
type Scalar interface {
	~string | ~bool | ~int64 | ~uint32 |
		Limit[int64] | Limit[Bytes] | Limit[NanoCPU] | Limit[time.Duration]
}

// Opt is a scalar that may be absent. An explicit zero is not absent.
type Opt[T Scalar] struct {
	v   T
	set bool
}

// Some returns a present value.
func Some[T Scalar](v T) Opt[T] { return Opt[T]{v: v, set: true} }

// Get returns the value and whether it is present.
func (o Opt[T]) Get() (T, bool) { return o.v, o.set }

// Or returns the value, or other when it is absent.
func (o Opt[T]) Or(other T) T {
	if o.set {
		return o.v
	}
	return other
}

// Is reports whether the value is present and equals v.
func (o Opt[T]) Is(v T) bool { return o.set && o.v == v }

// IsSet reports whether the value is present.
func (o Opt[T]) IsSet() bool { return o.set }

// String prints the value's exact text form, "" when absent.
func (o Opt[T]) String() string {
	if !o.set {
		return ""
	}
	return scalarText(any(o.v), fmt.Sprint(o.v))
}

func (o *Opt[T]) clear()            { *o = Opt[T]{} }
func (o *Opt[T]) equal(x leaf) bool { p, ok := x.(*Opt[T]); return ok && *o == *p }
func (o *Opt[T]) copyFrom(x leaf)   { *o = *x.(*Opt[T]) }

func (o *Opt[T]) parse(text string) error {
	v, err := parseScalar(any(o.v), text)
	if err != nil {
		return err
	}
	*o = Some(v.(T))
	return nil
}

// Limit is a bound: a number or unlimited. It is never encoded as -1 or nil.
type Limit[T ~int64] struct {
	n         T
	unlimited bool
}

// Bound returns a bound of n.
func Bound[T ~int64](n T) Limit[T] { return Limit[T]{n: n} }

// Unlimited returns the absence of a bound, said explicitly.
func Unlimited[T ~int64]() Limit[T] { return Limit[T]{unlimited: true} }

// Get returns the number and whether there is one; (0, false) means unlimited.
func (l Limit[T]) Get() (T, bool) { return l.n, !l.unlimited }

// String prints the number's exact text form, or "unlimited".
func (l Limit[T]) String() string {
	if l.unlimited {
		return "unlimited"
	}
	return scalarText(any(l.n), strconv.FormatInt(int64(l.n), 10))
}

// Bytes is an amount of memory or storage in bytes.
type Bytes int64

// NanoCPU is CPU time in billionths of one CPU: 1.5 CPUs are 1_500_000_000.
type NanoCPU int64

// Mode is a set of permission bits, printed in octal.
type Mode uint32

func scalarText(v any, plain string) string {
	switch v := v.(type) {
	case Mode:
		return "0" + strconv.FormatUint(uint64(v), 8)
	case time.Duration:
		return v.String()
	case interface{ String() string }:
		return v.String()
	}
	return plain
}

// parseScalar reads the text form that String prints. like tells the wanted type.
func parseScalar(like any, text string) (any, error) {
	unlimited := text == "unlimited"
	number := func() (int64, error) {
		if unlimited {
			return 0, nil
		}
		return strconv.ParseInt(text, 10, 64)
	}
	switch like.(type) {
	case string:
		return text, nil
	case Ref:
		return Ref(text), nil
	case bool:
		return strconv.ParseBool(text)
	case int64:
		return number()
	case Bytes:
		n, err := number()
		return Bytes(n), err
	case NanoCPU:
		n, err := number()
		return NanoCPU(n), err
	case Mode:
		n, err := strconv.ParseUint(text, 8, 32)
		return Mode(n), err
	case time.Duration:
		return time.ParseDuration(text)
	case Limit[int64]:
		n, err := number()
		return Limit[int64]{n, unlimited}, err
	case Limit[Bytes]:
		n, err := number()
		return Limit[Bytes]{Bytes(n), unlimited}, err
	case Limit[NanoCPU]:
		n, err := number()
		return Limit[NanoCPU]{NanoCPU(n), unlimited}, err
	case Limit[time.Duration]:
		if unlimited {
			return Unlimited[time.Duration](), nil
		}
		d, err := time.ParseDuration(text)
		return Bound(d), err
	case Kind:
		return oneOf(Kind(text), Service, Job, Cron, Agent)
	case RestartPolicy:
		return oneOf(RestartPolicy(text), RestartNo, RestartAlways, RestartOnFailure)
	case StopScope:
		return oneOf(StopScope(text), StopGroup, StopMain, StopMixed)
	case MountKind:
		return oneOf(MountKind(text), MountVolume, MountTmpfs, MountHost)
	case Condition:
		return oneOf(Condition(text), Started, Ready, Completed)
	}
	return nil, fmt.Errorf("internal: scalar type %T has no text form", like)
}

func oneOf[T ~string](v T, allowed ...T) (any, error) {
	names := make([]string, len(allowed))
	for i, a := range allowed {
		if v == a {
			return v, nil
		}
		names[i] = string(a)
	}
	return nil, fmt.Errorf("unknown value %q; use %s", v, strings.Join(names, ", "))
}
