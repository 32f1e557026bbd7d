package pipeline

import "strings"

// ConfigSchema is the JSON Schema (draft 2020-12) of lift.yaml, for editors. lift.schema.json is this, printed.
func ConfigSchema() map[string]any {
	s := configTree.schema()
	s["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	s["$id"] = "https://github.com/deploylift/lift/pipeline/lift.schema.json"
	s["title"] = "lift.yaml: what lift cannot know of a system that it moves"
	// keys as lift diff prints them: workloads.orders.resources.memory.request
	s["patternProperties"] = map[string]any{`^(workloads|volumes)\..+\..+`: map[string]any{"type": []string{"string", "integer", "number", "boolean", "array"}}}
	return s
}

func (t *keyTree) schema() map[string]any {
	switch {
	case t.row != nil:
		s := map[string]any{"description": t.row.Doc}
		switch t.row.Type {
		case isYesNo:
			s["type"] = "boolean"
		case isNumber:
			s["anyOf"] = []any{map[string]any{"type": "integer", "minimum": 0}, map[string]any{"const": "unlimited"}}
		case isAmount, isCPU:
			s["anyOf"] = []any{map[string]any{"type": "number", "minimum": 0}, map[string]any{"type": "string"}}
		case isTexts:
			text := map[string]any{"type": "string", "minLength": 1}
			s["anyOf"] = []any{text, map[string]any{"type": "array", "items": text, "minItems": 1}}
		default:
			s["type"] = "string"
			if choice := strings.Split(t.row.Type, " | "); len(choice) > 1 {
				s["enum"] = choice
			}
		}
		return s
	case t.each != nil:
		entry := t.each.schema()
		entry["required"] = []string{"reason"}
		return map[string]any{"type": "array", "items": entry}
	case t.any != nil:
		return map[string]any{"type": "object", "additionalProperties": t.any.schema()}
	}
	named := map[string]any{}
	for name, sub := range t.named {
		named[name] = sub.schema()
	}
	return map[string]any{"type": "object", "properties": named, "additionalProperties": false}
}
