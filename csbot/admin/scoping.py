"""The admin, brand by brand: nobody finds, chooses or changes what belongs to a brand where they hold no role."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import ForeignKey, ManyToManyField, Model, QuerySet
from django.forms import ModelChoiceField, ModelMultipleChoiceField
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from csbot.handoff import rights
from csbot.models import Brand, Membership

MANAGER, CONTENT = Membership.Role.MANAGER, Membership.Role.CONTENT
# How each model that a form may point at leads to its brand.
TO_BRAND = {
    "Brand": "pk", "Bot": "brand", "Inbox": "brand", "Queue": "brand", "Contact": "brand", "Intent": "bot__brand",
    "Conversation": "brand",
}  # fmt: skip


class OfBrand(admin.ModelAdmin):  # type: ignore[type-arg]  # generic in the stubs alone
    """An admin page whose rows belong to a brand: `brand_path` leads there, `roles` may change, `readers` may look."""

    brand_path: ClassVar[str] = "brand"
    roles: ClassVar[tuple[str, ...]] = (MANAGER,)
    readers: ClassVar[tuple[str, ...]] = ()

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = super().get_queryset(request)
        if rights.is_superuser(request.user):
            return rows
        return rows.filter(**{f"{self.brand_path}__in": rights.brands_of(request.user, *self.roles, *self.readers)})

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return super().has_view_permission(request, obj) and self._holds(request, obj, *self.roles, *self.readers)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return super().has_change_permission(request, obj) and self._holds(request, obj, *self.roles)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return super().has_delete_permission(request, obj) and self._holds(request, obj, *self.roles)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return super().has_add_permission(request) and self._holds(request, None, *self.roles)

    def _holds(self, request: HttpRequest, obj: Model | None, *roles: str) -> bool:
        if rights.is_superuser(request.user):
            return True
        brands = rights.brands_of(request.user, *roles)
        if obj is None or obj.pk is None:
            return brands.exists()
        return type(obj)._default_manager.filter(pk=obj.pk, **{f"{self.brand_path}__in": brands}).exists()

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> ModelChoiceField | None:  # type: ignore[type-arg]
        _only_own(db_field, request, kwargs, self.roles)
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if (
            field is not None
            and db_field.remote_field.model is Brand
            and db_field.name == "brand"
            and not field.initial
        ):
            # A site with one brand never has to think of it.
            field.initial = (
                field.queryset.first() if field.queryset is not None and field.queryset.count() == 1 else None
            )
        return field

    def formfield_for_manytomany(
        self, db_field: Any, request: HttpRequest, **kwargs: Any
    ) -> ModelMultipleChoiceField | None:  # type: ignore[type-arg]
        _only_own(db_field, request, kwargs, self.roles)
        return super().formfield_for_manytomany(db_field, request, **kwargs)


class OfBrandInline:
    """The same for rows edited inside another page: they follow the rights of the page they stand in."""

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self._parent_may(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self._parent_may(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self._parent_may(request, obj)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return True  # whoever may open the page sees all of it

    def _parent_may(self, request: HttpRequest, obj: Model | None) -> bool:
        parent = self.admin_site._registry[self.parent_model]  # type: ignore[attr-defined]
        return bool(parent.has_change_permission(request, obj) if obj else parent.has_add_permission(request))


class BrandFilter(admin.SimpleListFilter):
    """By brand; nothing to choose, and so not shown, where a user has one."""

    title = _("brand")
    parameter_name = "brand"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        brands = rights.brands_of(request.user)
        return [(str(brand.pk), brand.name) for brand in brands] if brands.count() > 1 else []

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        path = getattr(_admin_of(queryset.model), "brand_path", "brand")
        return queryset.filter(**{path: self.value()}) if self.value() else queryset


def _admin_of(model: type[Model]) -> Any:
    return admin.site._registry.get(model)


def _only_own(
    field: "ForeignKey[Any, Any] | ManyToManyField[Any, Any]",
    request: HttpRequest,
    kwargs: dict[str, Any],
    roles: tuple[str, ...],
) -> None:
    target = field.remote_field.model
    path = TO_BRAND.get(target.__name__)
    if path is not None and not rights.is_superuser(request.user):
        rows = kwargs.get("queryset") or target._default_manager.all()
        kwargs["queryset"] = rows.filter(**{f"{path}__in": rights.brands_of(request.user, *roles)})
