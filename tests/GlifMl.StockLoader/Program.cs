using System.Text.Json;
using GlifMl.StockLoader;
using Microsoft.ML;
using Microsoft.ML.Data;

// GlifMl.StockLoader MODEL.zip ROWS.json COLUMN
// ROWS.json holds {"column": [[numbers of row 1], [numbers of row 2], ...], ...}; a scalar column's rows hold one number.
// Prints {"slotNames": [...], "rows": [[...], ...]} of the output column.
var ml = new MLContext();
var model = ml.Model.Load(args[0], out var schema);
var given = JsonSerializer.Deserialize<Dictionary<string, float[][]>>(await File.ReadAllTextAsync(args[1]))!;
var scored = model.Transform(new RowsView(schema, given));
var column = scored.Schema[args[2]];

VBuffer<ReadOnlyMemory<char>> slots = default;
if (column.HasSlotNames())
    column.GetSlotNames(ref slots);
var rows = new List<float[]>();
using (var cursor = scored.GetRowCursor([column]))
{
    var getter = cursor.GetGetter<VBuffer<float>>(column);
    VBuffer<float> buffer = default;
    while (cursor.MoveNext())
    {
        getter(ref buffer);
        rows.Add([.. buffer.DenseValues()]);
    }
}

Console.WriteLine(JsonSerializer.Serialize(new { slotNames = slots.DenseValues().Select(s => s.ToString()), rows }));
