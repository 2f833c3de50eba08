using System.ComponentModel.DataAnnotations;

namespace GlifMl.Torch;

/// <summary>Rules for option values that an attribute cannot say.</summary>
internal static class OptionRules
{
    /// <summary>Refuses a list of sizes with one below 1.</summary>
    public static IEnumerable<ValidationResult> AllAtLeastOne(IReadOnlyList<int> sizes, string name)
    {
        if (sizes.Any(size => size < 1))
            yield return new ValidationResult("expected whole numbers of at least 1", [name]);
    }
}
