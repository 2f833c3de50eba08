using Microsoft.ML;

namespace GlifMl.Onnx;

/// <summary>What a view needs to compute a vector column many rows at a time.</summary>
/// <param name="Inputs">The source's columns to read.</param>
/// <param name="InputSizes">How many numbers each has in a row.</param>
/// <param name="OutputSize">How many numbers the computed column has in a row.</param>
/// <param name="BatchRows">How many rows are computed together.</param>
/// <param name="CreateMap">Creates the computation for one cursor.</param>
internal sealed record BatchPlan(DataViewSchema.Column[] Inputs, int[] InputSizes, int OutputSize, int BatchRows, Func<BatchMap> CreateMap);
