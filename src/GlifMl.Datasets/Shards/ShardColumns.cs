using Parquet;
using Parquet.Schema;

namespace GlifMl.Datasets;

/// <summary>Between <see cref="ShardSchema"/> and the schema of a Parquet file.</summary>
internal static class ShardColumns
{
    public static ParquetSchema ToParquet(ShardSchema schema) =>
        new(
            schema
                .Columns.Select(
                    (name, column) =>
                        (Field)(
                            schema.KindOf(column) switch
                            {
                                ColumnKind.Trace => new ListField(name, new DataField<float>(ListField.ElementName, nullable: false)),
                                ColumnKind.Label => new DataField<double>(name, nullable: false),
                                ColumnKind.Id => new DataField<long>(name, nullable: false),
                                _ => new DataField<int>(name, nullable: false),
                            }
                        )
                )
                .ToArray()
        );

    /// <summary>The schema of a shard, from its columns and the length of its first trace; a column of a wrong type is named.</summary>
    public static ShardSchema FromParquet(string path, ParquetReader parquet)
    {
        var fields = parquet.Schema.Fields;
        var samples = SamplesPerRow(path, parquet, Trace(path, Find(path, fields, ShardSchema.VoltageColumn)));
        foreach (var id in (string[])[ShardSchema.TraceIdColumn, ShardSchema.ConfigurationIdColumn, ShardSchema.StimulusIdColumn])
            Scalar<long>(path, Find(path, fields, id));
        Scalar<int>(path, Find(path, fields, ShardSchema.SpikeCountColumn));

        var hasStimulus = fields.Any(field => field.Name == ShardSchema.StimulusColumn);
        Field[] labels = [.. fields.Where(field => !ShardSchema.FixedColumns.Contains(field.Name, StringComparer.Ordinal))];
        if (labels.Length == 0)
            throw DatasetErrors.MissingColumn(path, "of labels");
        foreach (var label in labels)
            Scalar<double>(path, label);
        if (hasStimulus)
            Trace(path, Find(path, fields, ShardSchema.StimulusColumn));
        return new ShardSchema(samples, hasStimulus, [.. labels.Select(label => label.Name)]);
    }

    /// <summary>Rows of each row group, whose traces must have one length on average; that each has it shows when they are read.</summary>
    public static int[] GroupRows(string path, ParquetReader parquet, ShardSchema schema)
    {
        var fields = Fields(schema, parquet);
        var rows = new int[parquet.RowGroupCount];
        for (var group = 0; group < rows.Length; group++)
        {
            using var reader = parquet.OpenRowGroupReader(group);
            rows[group] = checked((int)reader.RowCount);
            if (rows[group] < 1)
                throw DatasetErrors.NoRows(path);
            for (var column = 0; column < fields.Length; column++)
            {
                var values = reader.GetMetadata(fields[column])!.MetaData!.NumValues;
                if (schema.KindOf(column) != ColumnKind.Trace)
                {
                    if (values != rows[group])
                        throw DatasetErrors.ColumnLength(path, group, schema.Columns[column], values, rows[group]);
                }
                else if (values > Array.MaxLength || values != (long)rows[group] * schema.Samples)
                {
                    throw DatasetErrors.RaggedColumn(path, group, schema.Columns[column], schema.Samples);
                }
            }
        }
        return rows;
    }

    /// <summary>The file's fields in the order of <see cref="ShardSchema.Columns"/>, wherever the file has them.</summary>
    public static DataField[] Fields(ShardSchema schema, ParquetReader parquet) =>
        [.. schema.Columns.Select(name => parquet.Schema.DataFields.Single(field => field.Path.FirstPart == name))];

    private static int SamplesPerRow(string path, ParquetReader parquet, DataField trace)
    {
        using var first = parquet.OpenRowGroupReader(0);
        var values = first.GetMetadata(trace)!.MetaData!.NumValues;
        if (first.RowCount == 0)
            throw DatasetErrors.NoRows(path);
        // A length that does not divide evenly, or is out of range, is refused when the groups are checked or the schema is made.
        return checked((int)(values / first.RowCount));
    }

    private static Field Find(string path, IReadOnlyList<Field> fields, string name) =>
        fields.FirstOrDefault(field => field.Name == name) ?? throw DatasetErrors.MissingColumn(path, name);

    private static DataField Trace(string path, Field field) =>
        field is ListField { Item: DataField { IsNullable: false } item } && item.ClrType == typeof(float)
            ? item
            : throw DatasetErrors.ColumnType(path, field.Name, Describe(field), "list of Single");

    private static void Scalar<T>(string path, Field field)
    {
        if (field is not DataField { IsNullable: false, IsArray: false } data || data.ClrType != typeof(T))
            throw DatasetErrors.ColumnType(path, field.Name, Describe(field), typeof(T).Name);
    }

    private static string Describe(Field field) =>
        field switch
        {
            ListField { Item: DataField item } => $"list of {Describe(item)}",
            DataField data => (data.IsNullable ? "nullable " : "") + (data.IsArray ? "repeated " : "") + TypeName(data.ClrType),
            _ => field.SchemaType.ToString().ToLowerInvariant(),
        };

    /// <summary>Parquet.Net's type of text columns is a memory of characters.</summary>
    private static string TypeName(Type type) => type == typeof(ReadOnlyMemory<char>) ? nameof(String) : type.Name;
}
