using System.ComponentModel.DataAnnotations;

namespace GlifMl.Torch.Modules;

/// <summary>Rules for option values that an attribute cannot say.</summary>
internal static class OptionRules
{
    /// <summary>Refuses a list of sizes with one below 1.</summary>
    public static IEnumerable<ValidationResult> AllAtLeastOne(IReadOnlyList<int> sizes, string name)
    {
        for (var i = 0; i < sizes.Count; i++)
        {
            if (sizes[i] < 1)
                yield return new ValidationResult($"{name} holds {sizes[i]} at place {i}; expected at least 1", [name]);
        }
    }
}
