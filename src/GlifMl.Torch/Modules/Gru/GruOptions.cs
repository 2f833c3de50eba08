namespace GlifMl.Torch;

/// <summary>The gated recurrent unit regressor (Cho et al. 2014, arXiv:1406.1078): its shape and how it is trained.</summary>
public sealed record GruOptions : RecurrentOptions;
