using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Text.Json.Nodes;

namespace GlifMl.Pipelines;

/// <summary>
/// The JSON Schema (draft 7) of pipeline definitions, for completion and checks in editors. It is made from the records that definitions
/// are bound to, the catalogue and their XML documentation, so that it knows what the loader knows.
/// </summary>
/// <remarks>
/// It is no stricter than the loader, which also checks what ties several values together: what a base may give through <c>extends</c> is
/// not required, and an optional key may be emptied with <c>~</c>.
/// </remarks>
internal sealed class DefinitionJsonSchema
{
    private readonly EstimatorCatalog _catalog;

    private DefinitionJsonSchema(EstimatorCatalog catalog) => _catalog = catalog;

    /// <summary>The schema as the text of a file, ending with a line feed: <c>pipelines/schema.json</c>.</summary>
    /// <param name="catalog">The estimators that definitions may name.</param>
    public static string ToText(EstimatorCatalog catalog) => Create(catalog).ToJsonString(Json.Options) + "\n";

    /// <summary>Makes the schema.</summary>
    /// <param name="catalog">The estimators that definitions may name.</param>
    public static JsonObject Create(EstimatorCatalog catalog)
    {
        var schema = new JsonObject { ["$schema"] = "http://json-schema.org/draft-07/schema#", ["title"] = "GlifMl pipeline definition" };
        var root = new DefinitionJsonSchema(catalog).Record(typeof(PipelineDefinition), requires: false);
        root["properties"]!
            .AsObject()
            .Insert(0, "extends", Described(Type("string"), "Definition that this one takes over and overrides, relative to this file."));
        foreach (var (key, value) in root.ToArray())
        {
            root.Remove(key);
            schema.Add(key, value);
        }

        schema["if"] = new JsonObject { ["not"] = Requires("extends") };
        schema["then"] = Requires("dataset", "pipeline");
        return schema;
    }

    /// <summary>The schema of a record that stands alone.</summary>
    /// <param name="catalog">The estimators that definitions may name.</param>
    /// <param name="type">The record.</param>
    public static JsonObject Record(EstimatorCatalog catalog, Type type) => new DefinitionJsonSchema(catalog).Record(type, requires: true);

    /// <summary>A record of options.</summary>
    /// <param name="type">The record.</param>
    /// <param name="requires">Whether required options must be there: not where a base definition may give them.</param>
    private JsonObject Record(Type type, bool requires)
    {
        var properties = new JsonObject();
        var options = OptionSchema.Of(type);
        foreach (var option in options)
            properties.Add(option.Key, Option(option, requires));
        var schema = new JsonObject
        {
            ["type"] = "object",
            ["properties"] = properties,
            ["additionalProperties"] = false,
        };
        string[] required = requires ? [.. options.Where(o => o.IsRequired).Select(o => o.Key)] : [];
        if (required.Length > 0)
            schema["required"] = Strings(required);
        return Described(schema, XmlSummaries.Of(type));
    }

    private JsonObject Option(OptionProperty option, bool requires)
    {
        var schema = Value(option.Property.PropertyType, requires);
        foreach (var rule in option.Property.GetCustomAttributes<ValidationAttribute>())
            Limit(schema, rule);
        if (!option.IsRequired)
            schema = OrNothing(schema);
        if (option.Default is { } value && ScalarValues.Handles(value.GetType()))
            schema["default"] = Scalar(value);
        return Described(schema, XmlSummaries.Of(option.Property));
    }

    private JsonObject Value(Type type, bool requires)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type == typeof(TraceCount))
            return AnyOf(Minimum(Type("integer"), 1), Choice(TraceCount.All.ToString()));
        if (type == typeof(StimulusSeed))
            return AnyOf(Minimum(Type("integer"), 0), Choice(StimulusSeed.PerTrace.ToString()));
        if (type == typeof(NumberRange))
            return AnyOf(Type("number"), Record(type, requires));
        if (type == typeof(StimulusMixture))
            return Stimulus(requires);
        if (type == typeof(StepDefinition))
            return Step();
        if (type.IsEnum)
            return Choice(ScalarValues.EnumNames(type));
        if (ParsableScalar.Handles(type))
            return Described(new JsonObject { ["type"] = Strings("string", "number") }, $"Expected {ParsableScalar.Expected(type)}.");
        if (ScalarValues.Handles(type))
            return Type(
                type == typeof(bool) ? "boolean"
                : type == typeof(string) ? "string"
                : type == typeof(double) || type == typeof(float) ? "number"
                : "integer"
            );
        if (OptionSchema.WholeParameter(type) is { } whole)
            return Value(whole.ParameterType, requires);
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyDictionary<,>))
            return new JsonObject { ["type"] = "object", ["additionalProperties"] = Value(type.GenericTypeArguments[1], requires) };
        if (type.IsArray || type.IsGenericType)
            return new JsonObject
            {
                ["type"] = "array",
                ["items"] = Value(type.GetElementType() ?? type.GenericTypeArguments[0], requires),
            };
        return Record(type, requires);
    }

    /// <summary>A stimulus: a name or a CSV file, alone or with options beside it; or a list of such.</summary>
    private JsonObject Stimulus(bool requires)
    {
        static JsonObject[] Names() =>
            [Choice([.. StimulusCatalog.Names]), new JsonObject { ["type"] = "string", ["pattern"] = @"\.[cC][sS][vV]$" }];
        var record = Record(typeof(StimulusDefinition), requires);
        var name = record["properties"]!["name"]!;
        name.ReplaceWith(Described(AnyOf(Names()), (string)name["description"]!));
        var list = new JsonObject
        {
            ["type"] = "array",
            ["minItems"] = 1,
            ["items"] = AnyOf([.. Names(), record]),
        };
        return AnyOf([.. Names(), (JsonObject)record.DeepClone(), Described(list, XmlSummaries.Of(typeof(StimulusMixture)))]);
    }

    /// <summary>A step: a bare name, or a name with options behind it.</summary>
    private JsonObject Step()
    {
        var byName = new JsonObject();
        foreach (var entry in _catalog.Entries)
            byName.Add(entry.Name, Described(OrNothing(Value(entry.OptionsType, requires: true)), entry.Summary));
        return AnyOf(
            Choice([.. _catalog.Entries.Select(e => e.Name)]),
            new JsonObject
            {
                ["type"] = "object",
                ["properties"] = byName,
                ["additionalProperties"] = false,
                ["minProperties"] = 1,
                ["maxProperties"] = 1,
            }
        );
    }

    private static void Limit(JsonObject schema, ValidationAttribute rule)
    {
        switch (rule)
        {
            case RangeAttribute range:
                if (Bound(range.Minimum) is { } least)
                    schema[range.MinimumIsExclusive ? "exclusiveMinimum" : "minimum"] = least;
                if (Bound(range.Maximum) is { } most)
                    schema[range.MaximumIsExclusive ? "exclusiveMaximum" : "maximum"] = most;
                break;
            case MinLengthAttribute length:
                schema[(string?)schema["type"] == "array" ? "minItems" : "minLength"] = length.Length;
                break;
            case AllowedValuesAttribute allowed:
                schema["enum"] = new JsonArray([.. allowed.Values.Select(value => value is null ? null : Scalar(value))]);
                break;
        }
    }

    private static JsonNode? Bound(object value) =>
        value is int.MinValue or int.MaxValue or double.MinValue or double.MaxValue
        || !double.IsFinite(Convert.ToDouble(value, CultureInfo.InvariantCulture))
            ? null
            : Scalar(value);

    /// <summary>The same, or nothing (<c>~</c>).</summary>
    private static JsonObject OrNothing(JsonObject schema)
    {
        switch (schema["anyOf"], schema["enum"], schema["type"])
        {
            case (JsonArray alternatives, _, _):
                alternatives.Add(Type("null"));
                break;
            case (_, JsonArray values, _):
                values.Add(null);
                break;
            case (_, _, JsonArray types):
                types.Add("null");
                break;
            default:
                schema["type"] = Strings((string)schema["type"]!, "null");
                break;
        }

        return schema;
    }

    private static JsonNode Scalar(object value) =>
        value switch
        {
            bool b => b,
            int i => i,
            long l => l,
            double d => d,
            float f => f,
            _ => ScalarValues.Format(value),
        };

    private static JsonObject Described(JsonObject schema, string description)
    {
        if (description.Length > 0)
            schema["description"] = description;
        return schema;
    }

    private static JsonObject Type(string name) => new() { ["type"] = name };

    private static JsonObject Minimum(JsonObject schema, int minimum)
    {
        schema["minimum"] = minimum;
        return schema;
    }

    private static JsonObject Choice(params string[] values) => new() { ["enum"] = Strings(values) };

    private static JsonObject AnyOf(params JsonObject[] alternatives) => new() { ["anyOf"] = new JsonArray([.. alternatives]) };

    private static JsonObject Requires(params string[] keys) => new() { ["required"] = Strings(keys) };

    private static JsonArray Strings(params string[] values) => new([.. values.Select(value => (JsonNode?)value)]);
}
